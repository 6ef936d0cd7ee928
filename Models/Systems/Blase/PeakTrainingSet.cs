using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Data.Systems.Blase;
using Hybrid.Data.Splits;

namespace Hybrid.Models.Systems.Blase;

/// <summary>
/// Labelled SEDs made ready for an ensemble: bags of whole groups, part of each bag held out for validation, both augmented bag by bag, and
/// scaled. The networks of bag b train and validate on the parts of all other bags.
/// </summary>
public sealed class PeakTrainingSet
{
    /// <summary>Samples of each bag's part, in order: the places of bag b's are _trainingStart[b] to _trainingStart[b + 1].</summary>
    private readonly int[] _trainingStart, _validationStart;

    /// <exception cref="ArgumentException">There are too few groups for the bags; the message says how many.</exception>
    public PeakTrainingSet(LabelledSeds seds, PeakTrainingOptions options)
    {
        options.Check();
        var groupCount = seds.Groups.Distinct().Count();
        if (groupCount < 4 * options.Bags)
            throw new ArgumentException(
                $"PeakTrainingSet: expected at least {Plural.Of(4 * options.Bags, "group")} (spectra, or positions) "
                + $"for {Plural.Of(options.Bags, "bag")} with validation, got {groupCount} in {Plural.Of(seds.Count, "SED")}.",
                nameof(seds));
        var folds = Splits.GroupedFolds(seds.Groups, options.Bags, options.Seed);
        Bags = new int[seds.Count];
        IsValidation = new bool[seds.Count];
        var edges = SedAugmentation.LabelEdges(seds.Binned.Labels, options.LabelBins, options.JoinedLabelBins);
        var training = new BinnedSeds[options.Bags];
        var validation = new BinnedSeds[options.Bags];
        for (var bag = 0; bag < options.Bags; bag++)
        {
            var places = folds[bag].HeldOut;
            foreach (var place in places) Bags[place] = bag;
            var split = Splits.Grouped(
                places.Select(place => seds.Groups[place]).ToArray(), options.ValidationShare, 0, options.Seed + bag + 1);
            foreach (var place in split.Validation) IsValidation[places[place]] = true;
            var share = options.ValidationShare;
            training[bag] = Augmented(split.Train, 1 - share, 2 * bag);
            validation[bag] = Augmented(split.Validation, share, (2 * bag) + 1);
            if (training[bag].Count == 0 || validation[bag].Count == 0)
                throw new ArgumentException(
                    $"PeakTrainingSet: bag {bag} has {training[bag].Count} training and {validation[bag].Count} validation SEDs "
                    + $"with at least {options.LeastFilled} filled bins. Use fewer bags or more SEDs.",
                    nameof(seds));

            // The bin size keeps the labels even: a label bin that holds more SEDs than asked for raises it for the part, by as much as the
            // balance says.
            BinnedSeds Augmented(int[] of, double share, int part)
            {
                var some = seds.Binned.Take(of.Select(place => places[place]).ToArray());
                var largest = some.Labels.GroupBy(label => Array.FindLastIndex(edges, edge => edge < label)).Select(bin => bin.Count())
                    .DefaultIfEmpty(0).Max();
                var size = Math.Max((int)Math.Round(options.SedsPerLabelBin * share), (int)Math.Floor(options.LabelBalance * largest) + 1);
                return SedAugmentation.OverSample(
                    some, edges, size, options.Deletions, options.DeletionPower, options.LeastFilled, options.Seed + (1000 * (part + 1)),
                    keepFuller: true);
            }
        }
        _trainingStart = Starts(training);
        _validationStart = Starts(validation);
        var all = BinnedSeds.Concatenate(training);
        var held = BinnedSeds.Concatenate(validation);
        Scaling = SedScaling.Fit(BinnedSeds.Concatenate([all, held]));
        (Inputs, Labels) = (Scaling.Scale(all), all.Labels.Select(label => (float)Scaling.ScaleLabel(label)).ToArray());
        (ValidationInputs, ValidationLabels) = (
            Scaling.Scale(held), held.Labels.Select(label => (float)Scaling.ScaleLabel(label)).ToArray());
        Augmented = BinnedSeds.Concatenate([all, held]);
    }

    /// <summary>Bag of each SED.</summary>
    public int[] Bags { get; }

    /// <summary>Whether an SED is in the validation part of its bag.</summary>
    public bool[] IsValidation { get; }

    public SedScaling Scaling { get; }

    /// <summary>All bags' training and validation parts, augmented: what the scaling was fitted to.</summary>
    public BinnedSeds Augmented { get; }

    public int BagCount => _trainingStart.Length - 1;

    /// <summary>Scaled training samples of all bags, (N, 2·bins), and their scaled labels.</summary>
    public float[] Inputs { get; }

    public float[] Labels { get; }

    public float[] ValidationInputs { get; }

    public float[] ValidationLabels { get; }

    /// <summary>Rows of the training samples that the networks of a bag see: those of all other bags.</summary>
    public int[] TrainingRows(int bag) => Others(_trainingStart, bag);

    /// <summary>Rows of the validation samples likewise.</summary>
    public int[] ValidationRows(int bag) => Others(_validationStart, bag);

    private static int[] Others(int[] starts, int bag)
        => Enumerable.Range(0, starts[^1]).Where(row => row < starts[bag] || row >= starts[bag + 1]).ToArray();

    private static int[] Starts(BinnedSeds[] parts)
    {
        var starts = new int[parts.Length + 1];
        for (var i = 0; i < parts.Length; i++) starts[i + 1] = starts[i] + parts[i].Count;
        return starts;
    }
}
