using System.Collections.Generic;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public static partial class Operations
    {
        /// <summary>
        /// Long short-term memory: (B, T, inputs) → the last layer's output at each time (B, T, directions·hidden), and each layer's and
        /// direction's last output and cell, both (layers·directions, B, hidden). Starts at zero, or from a state. Hochreiter and
        /// Schmidhuber 1997; PyTorch's <c>nn.LSTM</c>.
        /// </summary>
        /// <param name="x">(B, T, inputs)</param>
        /// <param name="hidden">Size of the state.</param>
        /// <param name="layers">How many, one above the other.</param>
        /// <param name="bidirectional">Whether each layer also runs backwards in time.</param>
        /// <param name="bias">Whether both maps have biases.</param>
        /// <param name="batchFirst">False for (T, B, inputs), PyTorch's default.</param>
        /// <param name="state">(layers·directions, B, hidden) to start from, such as the last of another layer; zeros when not
        /// given.</param>
        /// <param name="cell">The cell of the same shape that goes with it.</param>
        /// <param name="lengths">(B) of whole numbers: how many times of each example count, the first ones. Later results are zero, the
        /// last state is that at the end of each example, and backwards an example begins there: PyTorch's packed sequences.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static (Sym sequence, Sym last, Sym cell) Lstm(
            this Sym x,
            [Size] int hidden,
            int layers = 1,
            bool bidirectional = false,
            bool bias = true,
            bool batchFirst = true,
            Sym? state = null,
            Sym? cell = null,
            Sym? lengths = null,
            string? key = null)
        {
            var results = Sym.ApplyMany("Lstm", x, hidden, layers, bidirectional, bias, batchFirst, state, cell, lengths, key);
            return (results[0], results[1], results[2]);
        }
    }

    public sealed partial class Layer
    {
        /// <inheritdoc cref="Operations.Lstm"/>
        public static NetworkLayer<(Sym sequence, Sym last, Sym cell)> Lstm(
            int hidden, int layers = 1, bool bidirectional = false, bool bias = true, bool batchFirst = true, string? key = null)
            => new(new Layer("Lstm", hidden, layers, bidirectional, bias, batchFirst, key));
    }
}

namespace Hybrid.Rules
{
    // PyTorch's rows are input, forget, cell, output; ONNX's input, output, forget, cell.
    internal sealed class LstmRule() : RecurrentRule("LSTM", gates: 4, onnxRows: [0, 3, 1, 2], "sequence", "last", "cell")
    {
        public override IEnumerable<SupportMethod> Support(NodeCode c)
        {
            yield return new SupportMethod(StepsProgram(c), """
                /// <summary>
                /// Long short-term memory, step by step. Weights, for each layer and direction: those of inputs and outputs, then,
                /// where there are four, their biases.
                /// </summary>
                private static (Tensor, Tensor, Tensor) LstmSteps(
                    Tensor x,
                    bool isBatchFirst,
                    int directions,
                    int tensors,
                    Tensor[] weights,
                    Tensor? state = null,
                    Tensor? start = null,
                    Tensor? lengths = null)
                {
                    if (isBatchFirst) x = x.transpose(0, 1); // (T, B, inputs)
                    List<Tensor> last = new(), cells = new();
                    for (var at = 0; at < weights.Length;)
                    {
                        var sides = new Tensor[directions];
                        for (var side = 0; side < directions; side++, at += tensors)
                        {
                            var hidden = weights[at + 1].shape[1];
                            Tensor? inputBias = null, outputBias = null;
                            if (tensors == 4) (inputBias, outputBias) = (weights[at + 2], weights[at + 3]);
                            var inputs = functional.linear(x, weights[at], inputBias).unbind(0); // (B, 4·hidden)
                            Tensor h = torch.zeros(new[] { x.shape[1], hidden }, dtype: x.dtype, device: x.device), cell = h;
                            if (state is not null) (h, cell) = (state.select(0, last.Count), start!.select(0, last.Count));
                            var outputs = new Tensor[inputs.Length];
                            for (var step = 0; step < inputs.Length; step++)
                            {
                                var time = side == 0 ? step : inputs.Length - 1 - step;
                                var gates = (functional.linear(h, weights[at + 1], outputBias) + inputs[time]).chunk(4, 1);
                                var (heldState, heldCell) = (h, cell);
                                cell = gates[1].sigmoid() * cell + gates[0].sigmoid() * gates[2].tanh();
                                outputs[time] = h = gates[3].sigmoid() * cell.tanh();
                                if (lengths?.le(time).unsqueeze(1) is not { } hasEnded) continue; // (B, 1)
                                outputs[time] = h.masked_fill(hasEnded, 0);
                                (h, cell) = (torch.where(hasEnded, heldState, h), torch.where(hasEnded, heldCell, cell));
                            }
                            sides[side] = torch.stack(outputs, 0);
                            last.Add(h);
                            cells.Add(cell);
                        }
                        x = directions == 1 ? sides[0] : torch.cat(sides, -1);
                    }
                    return (isBatchFirst ? x.transpose(0, 1) : x, torch.stack(last, 0), torch.stack(cells, 0));
                }
                """);
            yield return new SupportMethod(Variant.Tangent, """
                /// <summary>LstmSteps with the tangents of its results along K directions.</summary>
                private static ((Tensor, Tensor, Tensor) Value, (Tensor, Tensor, Tensor) Tangent) LstmTangent(
                    Tensor x,
                    Tensor dx,
                    bool isBatchFirst,
                    int directions,
                    int tensors,
                    Tensor[] weights,
                    Tensor? state = null,
                    Tensor? start = null,
                    Tensor? dState = null,
                    Tensor? dStart = null,
                    Tensor? lengths = null)
                {
                    if (isBatchFirst) (x, dx) = (x.transpose(0, 1), dx.transpose(1, 2)); // (T, B, inputs), (K, T, B, inputs)
                    List<Tensor> last = new(), cells = new(), dLast = new(), dCells = new();
                    for (var at = 0; at < weights.Length;)
                    {
                        Tensor[] sides = new Tensor[directions], dSides = new Tensor[directions];
                        for (var side = 0; side < directions; side++, at += tensors)
                        {
                            var hidden = weights[at + 1].shape[1];
                            Tensor? inputBias = null, outputBias = null;
                            if (tensors == 4) (inputBias, outputBias) = (weights[at + 2], weights[at + 3]);
                            var inputs = functional.linear(x, weights[at], inputBias).unbind(0);
                            var dInputs = functional.linear(dx, weights[at]).unbind(1); // (K, B, 4·hidden)
                            Tensor h = torch.zeros(new[] { x.shape[1], hidden }, dtype: x.dtype, device: x.device), cell = h;
                            if (state is not null) (h, cell) = (state.select(0, last.Count), start!.select(0, last.Count));
                            var dh = torch.zeros(new[] { dx.shape[0], x.shape[1], hidden }, dtype: x.dtype, device: x.device);
                            var dCell = dh;
                            if (dState is not null) dh = dState.select(1, dLast.Count);
                            if (dStart is not null) dCell = dStart.select(1, dLast.Count);
                            Tensor[] outputs = new Tensor[inputs.Length], dOutputs = new Tensor[inputs.Length];
                            for (var step = 0; step < inputs.Length; step++)
                            {
                                var time = side == 0 ? step : inputs.Length - 1 - step;
                                var gates = (functional.linear(h, weights[at + 1], outputBias) + inputs[time]).chunk(4, 1);
                                var dGates = (functional.linear(dh, weights[at + 1]) + dInputs[time]).chunk(4, -1);
                                var (heldState, heldCell, dHeldState, dHeldCell) = (h, cell, dh, dCell);
                                var (input, forget) = (gates[0].sigmoid(), gates[1].sigmoid());
                                var (next, output) = (gates[2].tanh(), gates[3].sigmoid());
                                dCell = forget * dCell
                                    + cell * (forget * (1 - forget)) * dGates[1]
                                    + next * (input * (1 - input)) * dGates[0]
                                    + input * (1 - next.square()) * dGates[2];
                                cell = forget * cell + input * next;
                                var shown = cell.tanh();
                                dOutputs[time] = dh = output * (1 - shown.square()) * dCell + shown * (output * (1 - output)) * dGates[3];
                                outputs[time] = h = output * shown;
                                if (lengths?.le(time).unsqueeze(1) is not { } hasEnded) continue; // (B, 1)
                                outputs[time] = h.masked_fill(hasEnded, 0);
                                (h, cell) = (torch.where(hasEnded, heldState, h), torch.where(hasEnded, heldCell, cell));
                                dOutputs[time] = dh.masked_fill(hasEnded, 0);
                                (dh, dCell) = (torch.where(hasEnded, dHeldState, dh), torch.where(hasEnded, dHeldCell, dCell));
                            }
                            (sides[side], dSides[side]) = (torch.stack(outputs, 0), torch.stack(dOutputs, 1));
                            last.Add(h);
                            cells.Add(cell);
                            dLast.Add(dh);
                            dCells.Add(dCell);
                        }
                        (x, dx) = directions == 1 ? (sides[0], dSides[0]) : (torch.cat(sides, -1), torch.cat(dSides, -1));
                    }
                    return (
                        (isBatchFirst ? x.transpose(0, 1) : x, torch.stack(last, 0), torch.stack(cells, 0)),
                        (isBatchFirst ? dx.transpose(1, 2) : dx, torch.stack(dLast, 1), torch.stack(dCells, 1)));
                }
                """);
        }
    }
}
