using System;
using System.IO;
using Hybrid.Models.Systems.Imnn;
using Hybrid.Models.Training;
using Hybrid.Models.Weights;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>What a finished run holds: the network with its weights, and the statistics that turn summaries into estimates.</summary>
/// <param name="Options">Of the run.</param>
/// <param name="Network">In evaluation mode.</param>
/// <param name="Statistics">At the fiducial parameters.</param>
/// <param name="Fiducial">θ_fid, (P).</param>
internal sealed record TrainedRun(
    ImnnRunOptions Options, nn.Module<Tensor, Tensor> Network, FisherStatistics Statistics, double[] Fiducial) : IDisposable
{
    public static TrainedRun Open(string run)
    {
        var options = RunDirectory.NotesOf<ImnnRunOptions>(run);
        var weights = Path.Combine(run, "weights.safetensors");
        var statistics = FisherStatistics.Read(Path.Combine(run, "statistics.json"));
        if (options.Inputs == 0)
        {
            // A run of an earlier version does not say how many data a simulation has; its network was the paper's.
            using var file = Safetensors.Load(weights);
            options = options with { Inputs = (int)file.Tensors["first.weight"].shape[1] };
        }
        var network = CompressorChoice.Make(options).Network;
        WeightFile.Load(network, weights);
        network.eval();
        return new TrainedRun(
            options, network, statistics, ArrayFolder.Numbers("fiducial", options.Fiducial) ?? GaussianSimulator.WorkedTheta);
    }

    public void Dispose() => Network.Dispose();
}
