using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Statistics;
using Hybrid.Models.Adaptation;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>Settings that are tried.</summary>
/// <param name="Number">Which of the search's.</param>
/// <param name="Epochs">How long they are trained; fewer in the first rounds of halving.</param>
/// <param name="LearningRate">AdamW's largest.</param>
/// <param name="Weight">What <see cref="LensSearch.WithWeight"/> sets; NaN of a method without one.</param>
public sealed record LensTrial(int Number, int Epochs, double LearningRate, double Weight);

/// <summary>
/// What came of a trial. By the first four a search may choose; the last two say what the choice is worth, and choose nothing.
/// </summary>
/// <param name="Trial">Its settings.</param>
/// <param name="SourceAccuracy">Of labelled source images that did not train.</param>
/// <param name="Information">Of target images and answers, nats (<see cref="SelectionCriteria.Information"/>).</param>
/// <param name="DomainDistance">Of features, 0 to 2 (<see cref="SelectionCriteria.DomainDistance"/>).</param>
/// <param name="EmbeddedValidation">Estimated loss of the target (<see cref="SelectionCriteria.EmbeddedValidation"/>).</param>
/// <param name="Auc">Area under the characteristic of the test images.</param>
/// <param name="BalancedAccuracy">Of the test images.</param>
public sealed record LensTrialResult(
    LensTrial Trial, double SourceAccuracy, double Information, double DomainDistance, double EmbeddedValidation, double Auc,
    double BalancedAccuracy)
{
    /// <summary>Measures a trained lens finder.</summary>
    /// <param name="trial">Its settings.</param>
    /// <param name="predictor">In evaluation mode.</param>
    /// <param name="heldOut">Labelled source images that did not train.</param>
    /// <param name="target">Target images, of which no label is read.</param>
    /// <param name="test">Scores of the test images.</param>
    /// <param name="device">Where the predictor is.</param>
    public static LensTrialResult Of(
        LensTrial trial, EncoderWithHead predictor, Cache heldOut, Cache target, LensScores test, Device device)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(heldOut);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(test);
        const int Most = 2000;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (source, survey) = (
            LensScores.Features(predictor, heldOut, Most, device), LensScores.Features(predictor, target, Most, device));
        Tensor Answers(Tensor features) => predictor.Head.forward(features.to(device)).log_softmax(1).cpu();
        var label = tensor(heldOut.Integers("label").Take((int)source.size(0)).ToArray());
        var answers = Answers(source);
        var loss = -answers.gather(1, label.unsqueeze(1)).squeeze(1);
        var evaluation = LensEvaluation.Of(test);
        return new LensTrialResult(
            trial, answers.argmax(1).eq(label).to(ScalarType.Float64).mean().item<double>(), SelectionCriteria.Information(Answers(survey)),
            SelectionCriteria.DomainDistance(source, survey), SelectionCriteria.EmbeddedValidation(source, loss, survey),
            evaluation.Area.Auc, evaluation.BalancedAccuracy);
    }
}

/// <summary>A number by which settings are chosen without labels of the target.</summary>
/// <param name="Name">As commands have it.</param>
/// <param name="Value">Of a result; larger is better.</param>
public sealed record LensCriterion(string Name, Func<LensTrialResult, double> Value);

/// <summary>Which settings a search tries, and which it chooses.</summary>
public static class LensSearch
{
    /// <summary>Of so many trials of a round of halving, one goes into the next, trained as many times as long.</summary>
    public const int Reduction = 3;

    /// <summary>Criteria that need no label of the target, the default first.</summary>
    public static IReadOnlyList<LensCriterion> Criteria { get; } =
    [
        new("information", result => result.Information),
        new("source-accuracy", result => result.SourceAccuracy),
        new("domain-distance", result => -result.DomainDistance),
        new("embedded-validation", result => -result.EmbeddedValidation),
    ];

    /// <summary>A criterion by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static LensCriterion Named(string name)
        => Criteria.FirstOrDefault(one => one.Name == name)
            ?? throw new ArgumentException(
                $"--criterion: expected one of {string.Join(", ", Criteria.Select(one => one.Name))}, got '{name}'.");

    /// <summary>Options with another weight of what a method adds to the source's loss.</summary>
    /// <param name="options">The options.</param>
    /// <param name="method">Whose weight: of the distance, the reversed gradient or the teacher's answers; ADDA's share of the rate,
    /// AdaMatch's threshold. Others have none.</param>
    /// <param name="weight">The weight.</param>
    public static LensFindingOptions WithWeight(LensFindingOptions options, LensFindingMethod method, double weight)
    {
        ArgumentNullException.ThrowIfNull(options);
        return method switch
        {
            LensFindingMethod.Mmd => options with { MmdWeight = weight },
            LensFindingMethod.Coral => options with { CoralWeight = weight },
            LensFindingMethod.Dann => options with { DannWeight = weight },
            LensFindingMethod.Wdgrl => options with { WdgrlWeight = weight },
            LensFindingMethod.Adda => options with { AddaRateShare = weight },
            LensFindingMethod.SelfEnsembling => options with { ConsistencyWeight = weight },
            LensFindingMethod.AdaMatch => options with { AdaMatchThreshold = weight },
            _ => options,
        };
    }

    /// <summary>The weight that options give a method; NaN of a method without one.</summary>
    public static double WeightOf(LensFindingOptions options, LensFindingMethod method)
    {
        ArgumentNullException.ThrowIfNull(options);
        return method switch
        {
            LensFindingMethod.Mmd => options.MmdWeight,
            LensFindingMethod.Coral => options.CoralWeight,
            LensFindingMethod.Dann => options.DannWeight,
            LensFindingMethod.Wdgrl => options.WdgrlWeight,
            LensFindingMethod.Adda => options.AddaRateShare,
            LensFindingMethod.SelfEnsembling => options.ConsistencyWeight,
            LensFindingMethod.AdaMatch => options.AdaMatchThreshold,
            _ => double.NaN,
        };
    }

    /// <summary>Every rate with every weight.</summary>
    /// <param name="epochs">Of each.</param>
    /// <param name="rates">Learning rates.</param>
    /// <param name="weights">Weights; one NaN for a method without.</param>
    public static IReadOnlyList<LensTrial> Grid(int epochs, IReadOnlyList<double> rates, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(weights);
        return [.. rates.SelectMany(rate => weights.Select(weight => (rate, weight)))
            .Select((pair, number) => new LensTrial(number, epochs, pair.rate, pair.weight))];
    }

    /// <summary>Rates and weights drawn between the smallest and largest, evenly in their logarithms.</summary>
    /// <param name="count">How many.</param>
    /// <param name="epochs">Of each.</param>
    /// <param name="rates">Learning rates, of which the ends count.</param>
    /// <param name="weights">Weights > 0, of which the ends count; one NaN for a method without.</param>
    /// <param name="seed">Of the draws: the same numbers whatever else is drawn.</param>
    public static IReadOnlyList<LensTrial> Random(
        int count, int epochs, IReadOnlyList<double> rates, IReadOnlyList<double> weights, long seed)
    {
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(weights);
        return [.. Enumerable.Range(0, count).Select(number =>
        {
            var random = SeededRandom.For(seed, number);
            double Between(IReadOnlyList<double> ends)
                => double.IsNaN(ends[0]) ? double.NaN : Math.Exp(random.Uniform(Math.Log(ends.Min()), Math.Log(ends.Max())));
            return new LensTrial(number, epochs, Between(rates), Between(weights));
        })];
    }

    /// <summary>Epochs of the rounds of halving: the last has all, each before it a third, at least one.</summary>
    /// <param name="trials">Of the first round, ≥ 1.</param>
    /// <param name="epochs">Of the last.</param>
    public static IReadOnlyList<int> Rounds(int trials, int epochs)
    {
        var rounds = new List<int> { epochs };
        for (var left = trials; left > 1 && rounds[0] > 1; left = (left + Reduction - 1) / Reduction)
            rounds.Insert(0, Math.Max(1, rounds[0] / Reduction));
        return rounds;
    }

    /// <summary>The trials of the next round: the best third of a round's, at least one, in their order.</summary>
    /// <param name="results">Of a whole round.</param>
    /// <param name="criterion">By which.</param>
    /// <param name="epochs">Of the next.</param>
    public static IReadOnlyList<LensTrial> Next(IReadOnlyList<LensTrialResult> results, LensCriterion criterion, int epochs)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(criterion);
        var kept = (results.Count + Reduction - 1) / Reduction;
        return [.. Ranked(results, criterion).Take(kept).Select(result => result.Trial with { Epochs = epochs })
            .OrderBy(trial => trial.Number)];
    }

    /// <summary>What a criterion chooses of results that were trained as long; of equal ones the first.</summary>
    public static LensTrialResult Choose(IReadOnlyList<LensTrialResult> results, LensCriterion criterion)
        => Ranked(results, criterion).First();

    private static IEnumerable<LensTrialResult> Ranked(IReadOnlyList<LensTrialResult> results, LensCriterion criterion)
        => results
            // What diverged is the worst.
            .OrderByDescending(result => criterion.Value(result) is var value && double.IsNaN(value) ? double.NegativeInfinity : value)
            .ThenBy(result => result.Trial.Number);

    /// <summary>Spearman's rank correlation of two numbers of each result; NaN of fewer than three, or of equal ones.</summary>
    public static double RankCorrelation(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Count < 3 ? double.NaN : MathNet.Numerics.Statistics.Correlation.Spearman(first, second);
    }
}
