using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using Hybrid.Bench.Harness;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Bench.Imnn;

/// <summary>
/// The matrix products of one IMNN iteration and nothing else, each with its real sizes: training forward and backward, validation forward.
/// What an iteration would take if all besides them were free.
/// </summary>
internal sealed class ImnnProducts : IContender
{
    private const int Repetitions = 30;
    private readonly List<(Tensor Left, Tensor Right)> _products = [];

    /// <param name="form">Numerical: n_s + 2·P·n_d rows go through the network. Tangent: n_s rows and P·n_d tangents.</param>
    public ImnnProducts(string form)
    {
        const long simulations = 1000, parameters = 2;
        var rows = form == ImnnContender.Numerical ? simulations * (1 + (2 * parameters)) : simulations * (1 + parameters);
        (long In, long Out)[] layers = [(10, 128), (128, 128), (128, 128), (128, 2)];
        foreach (var (inputs, outputs) in layers)
        {
            Forward(rows, inputs, outputs);                                      // training
            Forward(rows, inputs, outputs);                                      // validation
            _products.Add((randn(outputs, rows), randn(rows, inputs)));          // gradient of the weights
            if (inputs != layers[0].In) _products.Add((randn(rows, outputs), randn(outputs, inputs)));   // gradient of the layer's input
        }
        MultiplyAdds = _products.Sum(product => product.Left.size(0) * product.Left.size(1) * product.Right.size(1));
        Description = FormattableString.Invariant(
            $"its {_products.Count} matrix products alone, {2e-6 * MultiplyAdds:0} MFLOP, {get_num_threads()} threads");
    }

    public long MultiplyAdds { get; }

    public string Description { get; }

    private void Forward(long rows, long inputs, long outputs) => _products.Add((randn(rows, inputs), randn(outputs, inputs).t()));

    public double RunBlock()
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Repetitions; i++)
        {
            using var scope = NewDisposeScope();
            foreach (var (left, right) in _products) left.mm(right);
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds / Repetitions;
    }

    public void Dispose()
    {
        foreach (var (left, right) in _products) { left.Dispose(); right.Dispose(); }
    }
}
