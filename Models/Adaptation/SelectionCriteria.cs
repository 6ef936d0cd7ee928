using System;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// How good a classifier is for a domain without labels, as far as that can be known without them: what hyper-parameters are chosen by.
/// </summary>
public static class SelectionCriteria
{
    private const double Ridge = 1e-2;
    private const int NewtonSteps = 20;

    /// <summary>
    /// Mutual information of image and answer, in nats: the entropy of the mean answer less the mean entropy of the answers. Sure answers
    /// of all classes are best; sure answers of one class are worth nothing. Bridle et al. 1991; Musgrave et al. 2022, section 3.
    /// </summary>
    /// <param name="logProbability">(N, C) of target images.</param>
    public static double Information(Tensor logProbability)
    {
        ArgumentNullException.ThrowIfNull(logProbability);
        RequireRows(logProbability, 2, nameof(logProbability));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var log = logProbability.to(ScalarType.Float64);
        var probability = log.exp();
        var each = -(probability * log).nan_to_num(0).sum(1).mean();
        var mean = probability.mean([0L]);
        return (-(mean * mean.log()).nan_to_num(0).sum() - each).item<double>();
    }

    /// <summary>
    /// How far apart two domains' features are: 2 (1 − 2 ε), ε the share of images that a linear discriminator, fitted to the other half,
    /// assigns to the wrong domain. 0 where it cannot separate them, 2 where it always can. Ben-David et al. 2007, section 4.
    /// </summary>
    /// <param name="source">(N, F).</param>
    /// <param name="target">(M, F).</param>
    public static double DomainDistance(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, domain, isFitted) = Halves(source, target);
        var odds = Odds(x, domain, isFitted);
        // Each domain weighs the same, however many images it has.
        var held = isFitted.logical_not();
        var wrong = (odds > 0).to(ScalarType.Float64).sub(domain).abs();
        var ofSource = wrong.masked_select(held.logical_and(domain.eq(0))).mean();
        var ofTarget = wrong.masked_select(held.logical_and(domain.eq(1))).mean();
        return 2 * Math.Max(0, 1 - (ofSource + ofTarget).item<double>());
    }

    /// <summary>
    /// The target's loss, estimated from labelled source images that did not train: their losses weighted by how much more likely their
    /// features are in the target, by a discriminator, with the weights' mean as control variate. Deep embedded validation; You et al.
    /// 2019, eq. 8–10. Smaller is better.
    /// </summary>
    /// <param name="source">(N, F), features of the held-out source images.</param>
    /// <param name="loss">(N), their losses.</param>
    /// <param name="target">(M, F), features of target images.</param>
    public static double EmbeddedValidation(Tensor source, Tensor loss, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(loss);
        if (loss.dim() != 1 || loss.size(0) != source.size(0))
            throw new ArgumentException(
                $"SelectionCriteria.EmbeddedValidation: expected a loss for each of {source.size(0)} images, got {loss.numel()}.",
                nameof(loss));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (x, domain, isFitted) = Halves(source, target);
        var count = source.size(0);
        // The discriminator is fitted to balanced domains: the odds of the target are the ratio of densities.
        var weight = Odds(x, domain, isFitted).narrow(0, 0, count).clamp(-10, 10).exp();
        var weighted = weight * loss.to(ScalarType.Float64);
        var (meanWeight, mean) = (weight.mean(), weighted.mean());
        var variance = (weight - meanWeight).square().mean().item<double>();
        var slope = variance > 0 ? -((weighted - mean) * (weight - meanWeight)).mean().item<double>() / variance : 0;
        return mean.item<double>() + (slope * (meanWeight.item<double>() - 1));
    }

    /// <summary>Both domains' features standardised, which domain each is of (1 the target), and every other image to fit to.</summary>
    private static (Tensor X, Tensor Domain, Tensor IsFitted) Halves(Tensor source, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        RequireRows(source, 4, nameof(source));
        RequireRows(target, 4, nameof(target));
        if (source.size(1) != target.size(1))
            throw new ArgumentException(
                $"SelectionCriteria: expected {source.size(1)} features of the target, as of the source, got {target.size(1)}.",
                nameof(target));
        var x = cat([source, target]).to(ScalarType.Float64);
        var deviation = x.std(0, unbiased: false, keepdim: true);
        x = (x - x.mean([0L], keepdim: true)) / where(deviation > 0, deviation, deviation.ones_like());
        var domain = cat([zeros(source.size(0), ScalarType.Float64), ones(target.size(0), ScalarType.Float64)]);
        var number = cat([arange(source.size(0)), arange(target.size(0))]);
        return (x, domain, number.remainder(2).eq(0));
    }

    /// <summary>
    /// (N + M) log odds of the target by logistic regression, both domains of one weight, with a ridge: Newton's method.
    /// </summary>
    private static Tensor Odds(Tensor x, Tensor domain, Tensor isFitted)
    {
        var (rows, features) = (x.size(0), x.size(1));
        var design = cat([x, ones(rows, 1, ScalarType.Float64)], 1);
        var used = isFitted.to(ScalarType.Float64);
        var ofTarget = (used * domain).sum();
        var ofSource = used.sum() - ofTarget;
        var weight = used * ((domain / ofTarget) + ((1 - domain) / ofSource)) / 2; // sums to 1
        var penalty = cat([full(features, Ridge / features, ScalarType.Float64), zeros(1, ScalarType.Float64)]);
        var coefficients = zeros(features + 1, ScalarType.Float64);
        for (var step = 0; step < NewtonSteps; step++)
        {
            var probability = design.mv(coefficients).sigmoid();
            var gradient = design.t().mv(weight * (probability - domain)) + (penalty * coefficients);
            var curvature = (weight * probability * (1 - probability)).unsqueeze(1);
            var hessian = design.t().matmul(design * curvature) + diag(penalty + 1e-9);
            var move = linalg.solve(hessian, gradient.unsqueeze(1)).squeeze(1);
            coefficients = coefficients - move;
            if (move.abs().max().item<double>() < 1e-8) break;
        }
        return design.mv(coefficients);
    }

    private static void RequireRows(Tensor tensor, long least, string name)
    {
        if (tensor.dim() != 2 || tensor.size(0) < least)
            throw new ArgumentException(
                $"SelectionCriteria: expected at least {least} rows of features or classes, got ({string.Join(", ", tensor.shape)}).",
                name);
    }
}
