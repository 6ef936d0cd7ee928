using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>A plain recurrent network, h' = f(W x + b + V h + c), several layers, one or two directions.</summary>
public sealed class RNN : Module<Tensor, Tensor, (Tensor, Tensor)>
{
    private readonly RecurrentWeights _weights;
    private readonly NonLinearities _nonLinearity;

    internal RNN(RecurrentShape shape, NonLinearities nonLinearity, Device? device, ScalarType? dtype) : base(nameof(RNN))
    {
        _weights = new RecurrentWeights(this, 1, shape, device, dtype);
        _nonLinearity = nonLinearity;
    }

    /// <param name="input">(steps, batch, inputs), or (batch, steps, inputs) with batchFirst, or (steps, inputs).</param>
    /// <param name="h0">State before the first step, (layers × directions, batch, hidden); zeros when null.</param>
    /// <returns>The last layer's output of each step, and the state after the last step.</returns>
    public override (Tensor, Tensor) forward(Tensor input, Tensor? h0)
    {
        using var scope = NewDisposeScope();
        var s = _weights.Shape;
        var x = _weights.Batched(input, out var unbatched);
        var state = _weights.State(x, h0, unbatched);
        var (output, h) = _nonLinearity == NonLinearities.ReLU
            ? RecurrentOperations.rnn_relu(x, state, _weights.All(), s.Bias, s.Layers, s.Dropout, training, s.Bidirectional, s.BatchFirst)
            : RecurrentOperations.rnn_tanh(x, state, _weights.All(), s.Bias, s.Layers, s.Dropout, training, s.Bidirectional, s.BatchFirst);
        if (unbatched) (output, h) = (_weights.Unbatched(output), h.squeeze(1));
        return scope.MoveToOuter(output, h);
    }

    public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0!);

    /// <summary>Does nothing on CPU, where the weights need not lie together.</summary>
    public void flatten_parameters() { }
}
