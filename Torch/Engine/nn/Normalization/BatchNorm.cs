using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015): with the batch's statistics in training, with the running ones in evaluation.</summary>
public abstract class BatchNorm : NormBase
{
    public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype, string name)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var (mean, variance) = (running_mean, running_var);
        var useBatch = training || (mean is null && variance is null);
        var weightOfBatch = momentum ?? 0.0;
        if (training && track_running_stats && num_batches_tracked is { } batches)
        {
            using (no_grad()) batches.add_(1);
            if (momentum is null) weightOfBatch = 1.0 / batches.item<long>();
        }
        var keep = !training || track_running_stats;
        return functional.batch_norm(input, keep ? mean! : null!, keep ? variance! : null!, weight, bias, useBatch, weightOfBatch, eps);
    }
}

/// <summary>Of (B, C) or (B, C, L).</summary>
public sealed class BatchNorm1d : BatchNorm
{
    internal BatchNorm1d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
    {
    }

    protected override void ValidateInputDimensions(Tensor input) => RequireRank(input, 2, 3);
}

/// <summary>Of (B, C, H, W).</summary>
public sealed class BatchNorm2d : BatchNorm
{
    internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm2d))
    {
    }

    protected override void ValidateInputDimensions(Tensor input) => RequireRank(input, 4, 4);
}

/// <summary>Of (B, C, D, H, W).</summary>
public sealed class BatchNorm3d : BatchNorm
{
    internal BatchNorm3d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm3d))
    {
    }

    protected override void ValidateInputDimensions(Tensor input) => RequireRank(input, 5, 5);
}
