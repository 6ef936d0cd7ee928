using System;
using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The parameters of a recurrent network: per layer and direction input weights, recurrent weights and, with biases, both their biases.</summary>
internal sealed class RecurrentWeights
{
    private readonly nn.Module _owner;
    private readonly string[] _names;

    /// <param name="owner">The module to register the parameters with.</param>
    /// <param name="gates">4 for LSTM, 3 for GRU, 1 for a plain network: rows are this many times the hidden size.</param>
    /// <param name="shape">Sizes and options.</param>
    /// <param name="device">Device of the parameters.</param>
    /// <param name="dtype">Dtype of the parameters.</param>
    public RecurrentWeights(nn.Module owner, int gates, RecurrentShape shape, Device? device, ScalarType? dtype)
    {
        (_owner, Shape) = (owner, shape);
        var names = new List<string>();
        var bound = 1 / Math.Sqrt(shape.HiddenSize);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            for (var direction = 0; direction < shape.Directions; direction++)
            {
                var suffix = $"_l{layer}" + (direction == 1 ? "_reverse" : "");
                var inputs = layer == 0 ? shape.InputSize : shape.HiddenSize * shape.Directions;
                Add("weight_ih" + suffix, gates * shape.HiddenSize, inputs);
                Add("weight_hh" + suffix, gates * shape.HiddenSize, shape.HiddenSize);
                if (!shape.Bias) continue;
                Add("bias_ih" + suffix, gates * shape.HiddenSize);
                Add("bias_hh" + suffix, gates * shape.HiddenSize);
            }
        }
        _names = names.ToArray();

        void Add(string name, params long[] sizes)
        {
            var parameter = (Parameter)nn.Parameter(empty(sizes, dtype, device)).DetachFromDisposeScope();
            nn.init.uniform_(parameter, -bound, bound);
            owner.register_parameter(name, parameter);
            names.Add(name);
        }
    }

    public RecurrentShape Shape { get; }

    /// <summary>In libtorch's order. Read anew each time: a move replaces the module's parameters.</summary>
    public Tensor[] All()
    {
        var all = new Tensor[_names.Length];
        for (var i = 0; i < all.Length; i++) all[i] = _owner.get_parameter(_names[i])!;
        return all;
    }

    /// <summary>Zeros of (layers × directions, batch, hidden), or the given state with a batch axis.</summary>
    public Tensor State(Tensor input, Tensor? given, bool unbatched)
    {
        if (given is not null) return unbatched ? given.unsqueeze(1) : given;
        var batch = input.shape[Shape.BatchFirst ? 0 : 1];
        return zeros([Shape.Layers * Shape.Directions, batch, Shape.HiddenSize], input.dtype, input.device);
    }

    /// <summary>Adds the batch axis to (steps, features).</summary>
    /// <exception cref="ArgumentException">The input has neither two nor three axes.</exception>
    public Tensor Batched(Tensor input, out bool unbatched)
    {
        var rank = input.dim();
        unbatched = rank == 2;
        if (rank is not (2 or 3) || input.shape[^1] != Shape.InputSize)
        {
            var axes = Shape.BatchFirst ? "batch, steps" : "steps, batch";
            throw new ArgumentException(
                $"{_owner.GetName()}.forward: expected input ({axes}, {Shape.InputSize}) or (steps, {Shape.InputSize}), got ({string.Join(", ", input.shape)}).", nameof(input));
        }
        return unbatched ? input.unsqueeze(Shape.BatchFirst ? 0 : 1) : input;
    }

    public Tensor Unbatched(Tensor output) => output.squeeze(Shape.BatchFirst ? 0 : 1);
}

internal readonly record struct RecurrentShape(long InputSize, long HiddenSize, long Layers, bool Bias, bool BatchFirst, double Dropout, bool Bidirectional)
{
    public long Directions => Bidirectional ? 2 : 1;
}
