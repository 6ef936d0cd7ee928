using System;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Inference;

/// <summary>Simulates at given parameters and compresses.</summary>
/// <param name="generator">Source of the simulator's randomness.</param>
/// <param name="parameters">(n, P), float64: row i is simulated at row i.</param>
/// <returns>Summaries, (n, S).</returns>
public delegate Tensor SummarySimulator(Generator generator, Tensor parameters);

/// <summary>How far summaries are from the observed ones.</summary>
/// <param name="summaries">(n, S), float64.</param>
/// <param name="observed">(S), float64.</param>
/// <returns>Distances ≥ 0, (n).</returns>
public delegate Tensor SummaryDistance(Tensor summaries, Tensor observed);

/// <summary>The usual distances.</summary>
public static class SummaryDistances
{
    /// <summary>√Σ (x − y)².</summary>
    public static SummaryDistance Euclidean { get; } = (summaries, observed) => (summaries - observed).square().sum([1L]).sqrt();

    /// <summary>
    /// √((x − y)ᵀ F (x − y)): in units of the error that the Fisher information allows, where summaries are estimates of the parameters.
    /// Charnock, Lavaux and Wandelt 2018, section III D.
    /// </summary>
    /// <param name="fisher">F, (S, S), symmetric and positive semi-definite.</param>
    public static SummaryDistance Fisher(double[][] fisher)
    {
        ArgumentNullException.ThrowIfNull(fisher);
        if (fisher.Length == 0 || fisher.Any(row => row.Length != fisher.Length))
            throw new ArgumentException(
                $"SummaryDistances.Fisher: expected a square matrix, got rows of {string.Join(", ", fisher.Select(row => row.Length))} "
                + $"numbers, {fisher.Length} of them.", nameof(fisher));
        var flat = fisher.SelectMany(row => row).ToArray();
        return (summaries, observed) =>
        {
            if (observed.size(0) != fisher.Length)
                throw new ArgumentException(
                    $"SummaryDistances.Fisher: expected {Plural.Of(fisher.Length, "summary", "summaries")} "
                    + $"as F ({fisher.Length}, {fisher.Length}) has, "
                    + $"got {ShapeText.Of(observed)}.");
            var away = summaries - observed;
            return (away.mm(tensor(flat, [fisher.Length, fisher.Length])) * away).sum([1L]).clamp_min(0).sqrt();
        };
    }
}
