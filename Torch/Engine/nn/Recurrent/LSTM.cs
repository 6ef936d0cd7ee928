using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997), several layers, one or two directions.</summary>
public sealed class LSTM : Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
{
    private readonly RecurrentWeights _weights;

    internal LSTM(RecurrentShape shape, Device? device, ScalarType? dtype) : base(nameof(LSTM))
    {
        _weights = new RecurrentWeights(this, 4, shape, device, dtype);
    }

    /// <param name="input">(steps, batch, inputs), or (batch, steps, inputs) with batchFirst, or (steps, inputs).</param>
    /// <param name="h0_c0">State before the first step, each (layers × directions, batch, hidden); zeros when null.</param>
    /// <returns>The last layer's output of each step, and the state after the last step.</returns>
    public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
    {
        using var scope = NewDisposeScope();
        var s = _weights.Shape;
        var x = _weights.Batched(input, out var unbatched);
        Tensor[] state = [_weights.State(x, h0_c0?.Item1, unbatched), _weights.State(x, h0_c0?.Item2, unbatched)];
        var (output, h, c) = RecurrentOperations.lstm(x, state, _weights.All(), s.Bias, s.Layers, s.Dropout, training, s.Bidirectional, s.BatchFirst);
        if (unbatched) (output, h, c) = (_weights.Unbatched(output), h.squeeze(1), c.squeeze(1));
        return scope.MoveToOuter(output, h, c);
    }

    public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

    /// <summary>Does nothing on CPU, where the weights need not lie together.</summary>
    public void flatten_parameters() { }
}
