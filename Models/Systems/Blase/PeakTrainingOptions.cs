using System;

namespace Hybrid.Models.Systems.Blase;

/// <summary>How an ensemble of peak estimators is trained. Defaults are BlaSE's (v1), unless said otherwise.</summary>
public sealed record PeakTrainingOptions
{
    /// <summary>Parts the sources are divided into by group.</summary>
    public int Bags { get; init; } = 5;

    /// <summary>Networks of each bag, trained on all other bags.</summary>
    public int MembersPerBag { get; init; } = 5;

    public int Epochs { get; init; } = 200;

    public int BatchSize { get; init; } = 64;

    /// <summary>Adam's.</summary>
    public double LearningRate { get; init; } = 0.0018397297637578883;

    /// <summary>Adam's, added to the gradient.</summary>
    public double WeightDecay { get; init; } = 1.634587061861498e-5;

    /// <summary>
    /// Epochs without a smaller validation loss (mean over networks) that are tolerated before the rate falls; PyTorch's default. In BlaSE
    /// the schedule never acted.
    /// </summary>
    public int PlateauPatience { get; init; } = 10;

    /// <summary>What the rate is multiplied with then.</summary>
    public double PlateauFactor { get; init; } = 0.3;

    /// <summary>Epochs in which no network improves before training ends; 0: never. Ours: BlaSE has none.</summary>
    public int Patience { get; init; } = 40;

    /// <summary>
    /// Share of each bag's groups that is held out for validation, before augmentation: no SED, and none of its spectrum, is on both sides.
    /// About BlaSE's 1500 of 10,450, which were drawn after augmentation.
    /// </summary>
    public double ValidationShare { get; init; } = 0.14;

    /// <summary>
    /// By how much (dex, deviation) each SED as a whole is made brighter or fainter each time it is shown. 0: not at all, as BlaSE.
    /// </summary>
    public double Brightness { get; init; }

    /// <summary>By how much (dex, deviation) each filled bin is disturbed each time it is shown. 0: not at all, as BlaSE.</summary>
    public double Noise { get; init; }

    /// <summary>
    /// β of the β-NLL (Seitzer et al. 2022): each sample's loss is weighted by its variance to this power. 0: the plain likelihood, as
    /// BlaSE.
    /// </summary>
    public double Beta { get; init; }

    /// <summary>Label bins of equal width, and how many at either end are one (SedAugmentation.LabelEdges).</summary>
    public int LabelBins { get; init; } = 37;

    public int JoinedLabelBins { get; init; } = 4;

    /// <summary>SEDs in each label bin of a bag after augmentation, validation included.</summary>
    public int SedsPerLabelBin { get; init; } = 90;

    /// <summary>
    /// To which share of the fullest label bin the others are filled where that is more than <see cref="SedsPerLabelBin"/>, in [0, 1]. 1:
    /// all labels are shown equally often, as BlaSE's are. 0: in a large set, where the rarest labels are many, they are shown as often as
    /// they occur.
    /// </summary>
    public double LabelBalance { get; init; } = 1;

    /// <summary>Most bins that a copy loses.</summary>
    public int Deletions { get; init; } = 15;

    /// <summary>Exponent of the deletions' probabilities.</summary>
    public double DeletionPower { get; init; } = 4;

    /// <summary>SEDs and copies with fewer filled bins are left out.</summary>
    public int LeastFilled { get; init; } = 5;

    /// <summary>Of bags, augmentation, weights, shuffling and dropout; a run repeats bit for bit on one thread.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentException">A number is out of its range; the message names it.</exception>
    public void Check()
    {
        Least(nameof(Bags), Bags, 2);
        Least(nameof(MembersPerBag), MembersPerBag, 1);
        Least(nameof(Epochs), Epochs, 1);
        Least(nameof(BatchSize), BatchSize, 2);
        Least(nameof(PlateauPatience), PlateauPatience, 0);
        Least(nameof(Patience), Patience, 0);
        Least(nameof(SedsPerLabelBin), SedsPerLabelBin, 2);
        Least(nameof(Deletions), Deletions, 0);
        Least(nameof(LeastFilled), LeastFilled, 1);
        Within(nameof(LearningRate), LearningRate, 0, 1, isLowOpen: true);
        Within(nameof(WeightDecay), WeightDecay, 0, 1);
        Within(nameof(PlateauFactor), PlateauFactor, 0, 1, isLowOpen: true);
        Within(nameof(ValidationShare), ValidationShare, 0, 0.5, isLowOpen: true);
        Within(nameof(Brightness), Brightness, 0, 3);
        Within(nameof(Noise), Noise, 0, 3);
        Within(nameof(Beta), Beta, 0, 1);
        Within(nameof(LabelBalance), LabelBalance, 0, 1);
        Within(nameof(DeletionPower), DeletionPower, 0, 20);
    }

    private static void Least(string name, int value, int least)
    {
        if (value < least) throw new ArgumentException($"PeakTrainingOptions.{name}: expected at least {least}, got {value}.", name);
    }

    private static void Within(string name, double value, double low, double high, bool isLowOpen = false)
    {
        if (!(isLowOpen ? value > low : value >= low) || !(value <= high))
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"PeakTrainingOptions.{name}: expected a number in {(isLowOpen ? '(' : '[')}{low}, {high}], got {value}."),
                name);
    }
}
