using System.Collections.Generic;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Gated recurrent units: (B, T, inputs) → the last layer's state at each time (B, T, directions·hidden), and each layer's and
        /// direction's last state (layers·directions, B, hidden). Starts at zero, or from a state. Cho et al. 2014; PyTorch's
        /// <c>nn.GRU</c>.
        /// </summary>
        /// <param name="x">(B, T, inputs)</param>
        /// <param name="hidden">Size of the state.</param>
        /// <param name="layers">How many, one above the other.</param>
        /// <param name="bidirectional">Whether each layer also runs backwards in time.</param>
        /// <param name="bias">Whether both maps have biases.</param>
        /// <param name="batchFirst">False for (T, B, inputs), PyTorch's default.</param>
        /// <param name="state">(layers·directions, B, hidden) to start from, such as the last of another layer; zeros when not
        /// given.</param>
        /// <param name="lengths">(B) of whole numbers: how many times of each example count, the first ones. Later results are zero, the
        /// last state is that at the end of each example, and backwards an example begins there: PyTorch's packed sequences.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static (Sym sequence, Sym last) Gru(
            this Sym x,
            [Size] int hidden,
            int layers = 1,
            bool bidirectional = false,
            bool bias = true,
            bool batchFirst = true,
            Sym? state = null,
            Sym? lengths = null,
            string? key = null)
        {
            var results = Sym.ApplyMany("Gru", x, hidden, layers, bidirectional, bias, batchFirst, state, lengths, key);
            return (results[0], results[1]);
        }
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Gru"/>
        public static NetworkLayer<(Sym sequence, Sym last)> Gru(
            int hidden, int layers = 1, bool bidirectional = false, bool bias = true, bool batchFirst = true, string? key = null)
            => new(new Layer("Gru", hidden, layers, bidirectional, bias, batchFirst, key));
    }
}

namespace Hybrid.Rules
{
    // PyTorch's rows are reset, update, new; ONNX's update, reset, new.
    internal sealed class GruRule() : RecurrentRule("GRU", gates: 3, onnxRows: [1, 0, 2], "sequence", "last")
    {
        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(StepsProgram(c), """
                /// <summary>
                /// Gated recurrent units, step by step. Weights, for each layer and direction: those of inputs and states, then,
                /// where there are four, their biases.
                /// </summary>
                private static (Tensor, Tensor) GruSteps(
                    Tensor x,
                    bool isBatchFirst,
                    int directions,
                    int tensors,
                    Tensor[] weights,
                    Tensor? state = null,
                    Tensor? lengths = null)
                {
                    if (isBatchFirst) x = x.transpose(0, 1); // (T, B, inputs)
                    List<Tensor> last = new();
                    for (var at = 0; at < weights.Length;)
                    {
                        var sides = new Tensor[directions];
                        for (var side = 0; side < directions; side++, at += tensors)
                        {
                            var hidden = weights[at + 1].shape[1];
                            Tensor? inputBias = null, stateBias = null;
                            if (tensors == 4) (inputBias, stateBias) = (weights[at + 2], weights[at + 3]);
                            var inputs = functional.linear(x, weights[at], inputBias).unbind(0); // (B, 3·hidden)
                            var h = state is not null
                                ? state.select(0, last.Count)
                                : torch.zeros(new[] { x.shape[1], hidden }, dtype: x.dtype, device: x.device);
                            var outputs = new Tensor[inputs.Length];
                            for (var step = 0; step < inputs.Length; step++)
                            {
                                var time = side == 0 ? step : inputs.Length - 1 - step;
                                var fromInput = inputs[time];
                                var fromState = functional.linear(h, weights[at + 1], stateBias);
                                var gates = (fromState + fromInput).narrow(1, 0, 2 * hidden).chunk(2, 1);
                                var (reset, update) = (gates[0].sigmoid(), gates[1].sigmoid());
                                var next = fromState.narrow(1, 2 * hidden, hidden) * reset;
                                next = (fromInput.narrow(1, 2 * hidden, hidden) + next).tanh();
                                var stepped = (h - next) * update + next;
                                var hasEnded = lengths?.le(time).unsqueeze(1); // (B, 1)
                                outputs[time] = hasEnded is null ? stepped : stepped.masked_fill(hasEnded, 0);
                                h = hasEnded is null ? stepped : torch.where(hasEnded, h, stepped);
                            }
                            sides[side] = torch.stack(outputs, 0);
                            last.Add(h);
                        }
                        x = directions == 1 ? sides[0] : torch.cat(sides, -1);
                    }
                    return (isBatchFirst ? x.transpose(0, 1) : x, torch.stack(last, 0));
                }
                """);
            yield return new SupportMethod(Variant.Tangent, """
                /// <summary>GruSteps with the tangents of its results along K directions.</summary>
                private static ((Tensor, Tensor) Value, (Tensor, Tensor) Tangent) GruTangent(
                    Tensor x,
                    Tensor dx,
                    bool isBatchFirst,
                    int directions,
                    int tensors,
                    Tensor[] weights,
                    Tensor? state = null,
                    Tensor? dState = null,
                    Tensor? lengths = null)
                {
                    if (isBatchFirst) (x, dx) = (x.transpose(0, 1), dx.transpose(1, 2)); // (T, B, inputs), (K, T, B, inputs)
                    List<Tensor> last = new(), dLast = new();
                    for (var at = 0; at < weights.Length;)
                    {
                        Tensor[] sides = new Tensor[directions], dSides = new Tensor[directions];
                        for (var side = 0; side < directions; side++, at += tensors)
                        {
                            var hidden = weights[at + 1].shape[1];
                            Tensor? inputBias = null, stateBias = null;
                            if (tensors == 4) (inputBias, stateBias) = (weights[at + 2], weights[at + 3]);
                            var inputs = functional.linear(x, weights[at], inputBias).unbind(0);
                            var dInputs = functional.linear(dx, weights[at]).unbind(1); // (K, B, 3·hidden)
                            var h = state is not null
                                ? state.select(0, last.Count)
                                : torch.zeros(new[] { x.shape[1], hidden }, dtype: x.dtype, device: x.device);
                            var dh = dState is not null
                                ? dState.select(1, dLast.Count)
                                : torch.zeros(new[] { dx.shape[0], x.shape[1], hidden }, dtype: x.dtype, device: x.device);
                            Tensor[] outputs = new Tensor[inputs.Length], dOutputs = new Tensor[inputs.Length];
                            for (var step = 0; step < inputs.Length; step++)
                            {
                                var time = side == 0 ? step : inputs.Length - 1 - step;
                                Tensor[] fromInput = inputs[time].chunk(3, 1), dFromInput = dInputs[time].chunk(3, -1);
                                var fromState = functional.linear(h, weights[at + 1], stateBias).chunk(3, 1);
                                var dFromState = functional.linear(dh, weights[at + 1]).chunk(3, -1);
                                var reset = (fromState[0] + fromInput[0]).sigmoid();
                                var update = (fromState[1] + fromInput[1]).sigmoid();
                                var next = (fromInput[2] + fromState[2] * reset).tanh();
                                var dReset = reset * (1 - reset) * (dFromState[0] + dFromInput[0]);
                                var dUpdate = update * (1 - update) * (dFromState[1] + dFromInput[1]);
                                var dNext = (1 - next.square()) * (dFromInput[2] + dFromState[2] * reset + fromState[2] * dReset);
                                var dStepped = (dh - dNext) * update + (h - next) * dUpdate + dNext;
                                var hasEnded = lengths?.le(time).unsqueeze(1); // (B, 1)
                                dOutputs[time] = hasEnded is null ? dStepped : dStepped.masked_fill(hasEnded, 0);
                                dh = hasEnded is null ? dStepped : torch.where(hasEnded, dh, dStepped);
                                var stepped = (h - next) * update + next;
                                outputs[time] = hasEnded is null ? stepped : stepped.masked_fill(hasEnded, 0);
                                h = hasEnded is null ? stepped : torch.where(hasEnded, h, stepped);
                            }
                            (sides[side], dSides[side]) = (torch.stack(outputs, 0), torch.stack(dOutputs, 1));
                            last.Add(h);
                            dLast.Add(dh);
                        }
                        (x, dx) = directions == 1 ? (sides[0], dSides[0]) : (torch.cat(sides, -1), torch.cat(dSides, -1));
                    }
                    return (
                        (isBatchFirst ? x.transpose(0, 1) : x, torch.stack(last, 0)),
                        (isBatchFirst ? dx.transpose(1, 2) : dx, torch.stack(dLast, 1)));
                }
                """);
        }
    }
}
