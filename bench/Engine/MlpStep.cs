using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Bench.Harness;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.Bench.Engine;

/// <summary>A training step of a small network, where the cost of calls counts as much as arithmetic.</summary>
public sealed class MlpStep : Benchmark
{
    private const int StepsPerBlock = 200;

    public override string Name => "mlp-step";

    public override string Description => "forward, backward and Adam step of a 52-152-80-72-48-2 MLP (BatchNorm, ReLU, Dropout, batch 64) against PyTorch's default Adam loop";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        foreach (var threads in options.Threads)
        {
            using var ours = new Ours(threads);
            using var peer = PythonPeer.Start("mlp_step.py", threads);
            yield return Comparison.Run($"MLP step, {threads} threads", ours, peer, options.Rounds, 1.6);
        }
    }

    private sealed class Ours : IContender
    {
        private readonly int _threads;
        private readonly Sequential _model;
        private readonly Adam _optimiser;
        private readonly Tensor _x;
        private readonly Tensor _target;

        public Ours(int threads)
        {
            _threads = threads;
            set_num_threads(threads);
            manual_seed(0);
            long[] sizes = [52, 152, 80, 72, 48];
            var layers = sizes.Zip(sizes.Skip(1)).SelectMany(size => new Module<Tensor, Tensor>[]
            {
                Linear(size.First, size.Second), BatchNorm1d(size.Second), ReLU(), Dropout(0.1),
            });
            _model = Sequential(layers.Append(Linear(48, 2)));
            _optimiser = optim.Adam(_model.parameters(), 1e-3);
            (_x, _target) = (randn(64, 52), randn(64, 2));
        }

        public string Description => $"Hybrid, {_threads} threads";

        public double RunBlock()
        {
            set_num_threads(_threads);
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            for (var i = 0; i < StepsPerBlock; i++) Step();
            return System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds / StepsPerBlock;
        }

        private void Step()
        {
            using var scope = NewDisposeScope();
            _optimiser.zero_grad();
            var loss = functional.mse_loss(_model.call(_x), _target);
            loss.backward();
            _optimiser.step();
        }

        public void Dispose()
        {
            _optimiser.Dispose();
            _model.Dispose();
            _x.Dispose();
            _target.Dispose();
        }
    }
}
