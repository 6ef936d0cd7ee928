using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>Says why a loss or gradient is not finite.</summary>
internal static class NonFinite
{
    /// <param name="what">"loss" or "gradient".</param>
    /// <param name="values">Of each member.</param>
    /// <param name="fit">Where.</param>
    /// <param name="batch">The step's.</param>
    /// <param name="rate">Learning rate.</param>
    public static InvalidOperationException Failure(
        string what, IReadOnlyList<double> values, FitContext fit, TensorBatch batch, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var bad = Enumerable.Range(0, values.Count).Where(member => !double.IsFinite(values[member])).ToArray();
        var subject = values.Count == 1
            ? $"the {what} is {values[0].ToString(CultureInfo.InvariantCulture)}"
            : $"the {what} of member {string.Join(", ", bad.Take(10))} is {values[bad[0]].ToString(CultureInfo.InvariantCulture)}";
        return new InvalidOperationException($"Trainer.Fit, epoch {fit.Epoch}, step {fit.Step + 1}: {subject}. {Cause(fit, batch, rate)}");
    }

    private static string Cause(FitContext fit, TensorBatch batch, double rate)
    {
        foreach (var name in batch.Names)
        {
            if (Count(batch[name]) is var (count, first) && count > 0)
                return
                    $"The batch's '{name}' {ShapeText.Of(batch[name])} has "
                    + $"{Plural.Of(count, "value that is", "values that are")} not finite, the first at "
                    + $"[{string.Join(", ", first)}]. Remove or mask them in the data.";
        }
        foreach (var (key, weight) in fit.Network.state_dict())
        {
            if (Count(weight) is var (count, _) && count > 0)
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"The weight '{key}' has {Plural.Of(count, "value that is", "values that are")} not finite: training diverged. "
                    + $"Take a smaller learning rate (now {rate:g3}), a warm-up, or ClipNorm.");
        }
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The batch and the weights are finite, so it comes from the network's or the loss's own arithmetic: "
            + $"a logarithm or root of 0, a division by 0, or an overflow. "
            + $"Bound its argument, or take a smaller learning rate (now {rate:g3}).");
    }

    private static (long Count, long[] First) Count(Tensor values)
    {
        if (!values.is_floating_point() || values.numel() == 0) return (0, []);
        using var scope = NewDisposeScope();
        var bad = values.detach().isfinite().logical_not();
        var count = bad.sum().ToInt64();
        return (count, count == 0 ? [] : bad.nonzero()[0].cpu().data<long>().ToArray());
    }
}
