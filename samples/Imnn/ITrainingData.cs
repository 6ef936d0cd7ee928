using Hybrid.Models.Systems.Imnn;
using static TorchSharp.torch;

namespace Hybrid.Samples.Imnn;

/// <summary>What --data names: arrays in memory, or files a simulation.</summary>
internal interface ITrainingData
{
    /// <summary>Data of one simulation.</summary>
    long InputSize { get; }

    /// <summary>θ_fid, (P).</summary>
    double[] Fiducial { get; }

    /// <summary>δθ, (P), of numerical derivatives; null for exact ones.</summary>
    double[]? Width { get; }

    /// <summary>What was found and which form of training it takes, in one line.</summary>
    string Description { get; }

    /// <summary>The form of training that fits.</summary>
    InformationMaximiser Train(Compressor compressor, optim.Optimizer optimiser, Device device, ImnnRunOptions options);
}
