using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Hybrid.Generators.Diagnostics;

/// <summary>
/// Every diagnostic: id, title and severity. Ids are never reused or renumbered; each has a page in <c>docs/diagnostics</c>.
/// The message is written where the fault is found, with the user's own names.
/// </summary>
public static class Catalogue
{
    /// <summary>The category of what is wrong with derived programs.</summary>
    public const string Programs = "Programs";

    /// <summary>The folder of the pages: in the repository, or below the address that the build was given as HelpLinkBase.</summary>
    private static readonly string _pages =
        typeof(Catalogue).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "HelpLinkBase")?.Value + "docs/diagnostics/";

    public static readonly DiagnosticDescriptor LinearInputs = new("HYB1001", "Linear is pinned to other inputs than it receives", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1001.md");

    public static readonly DiagnosticDescriptor ConvolutionChannels = new("HYB1002", "Convolution is pinned to other channels than it receives", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1002.md");

    public static readonly DiagnosticDescriptor ChannelsLast = new("HYB1003", "An axis means something else than the operation needs", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1003.md");

    public static readonly DiagnosticDescriptor Rank = new("HYB1004", "Wrong number of axes", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1004.md");

    public static readonly DiagnosticDescriptor EmptySize = new("HYB1005", "A size falls below one", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1005.md");

    public static readonly DiagnosticDescriptor JoinedSizes = new("HYB1006", "Joined tensors differ on another axis", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1006.md");

    public static readonly DiagnosticDescriptor ElementwiseShapes = new("HYB1007", "Operands have different shapes", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1007.md");

    public static readonly DiagnosticDescriptor SilentBroadcast = new("HYB1008", "Two tensors broadcast against each other", "{0}", "Shapes", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB1008.md");

    public static readonly DiagnosticDescriptor ReshapeElements = new("HYB1009", "A reshape changes the number of elements", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1009.md");

    public static readonly DiagnosticDescriptor ReshapeAcross = new("HYB1010", "A reshape moves data across axes", "{0}", "Shapes", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB1010.md");

    public static readonly DiagnosticDescriptor SqueezedAxis = new("HYB1011", "A squeezed axis is not of size one", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1011.md");

    public static readonly DiagnosticDescriptor Heads = new("HYB1012", "Heads do not divide the width", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1012.md");

    public static readonly DiagnosticDescriptor BatchAndTime = new("HYB1013", "Batch and time are exchanged", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1013.md");

    public static readonly DiagnosticDescriptor Groups = new("HYB1014", "Groups do not divide the channels", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1014.md");

    public static readonly DiagnosticDescriptor NotRestored = new("HYB1015", "A transposed convolution does not restore the size", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1015.md");

    public static readonly DiagnosticDescriptor NormFeatures = new("HYB1016", "Normalisation is pinned to other features than it receives", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1016.md");

    public static readonly DiagnosticDescriptor MatMulInner = new("HYB1017", "Inner sizes of a matrix product differ", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1017.md");

    public static readonly DiagnosticDescriptor BrokenPromise = new("HYB1018", "The spec returns another shape than it promises", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1018.md");

    public static readonly DiagnosticDescriptor AssertedShape = new("HYB1019", "An asserted shape does not hold", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1019.md");

    public static readonly DiagnosticDescriptor WeightsOfTheInput = new("HYB1020", "Weights would change with the input", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1020.md");

    public static readonly DiagnosticDescriptor SquareMatrices = new("HYB1021", "A matrix operation needs square matrices", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1021.md");

    public static readonly DiagnosticDescriptor Parts = new("HYB1022", "Parts do not add up to their axis", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1022.md");

    public static readonly DiagnosticDescriptor Elements = new("HYB1023", "A tensor of another element type is needed", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1023.md");

    public static readonly DiagnosticDescriptor BrokenSymmetry = new("HYB1024", "A symmetry would be broken", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1024.md");

    public static readonly DiagnosticDescriptor AcrossExamples = new("HYB1025", "A softmax runs across the batch", "{0}", "Shapes", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB1025.md");

    public static readonly DiagnosticDescriptor CalledShape = new("HYB1030", "A generated network is called with another shape", "{0}", "Shapes", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB1030.md");

    public static readonly DiagnosticDescriptor NotProvable = new("HYB1090", "A relation between sizes is not provable", "{0}", "Shapes", DiagnosticSeverity.Info, true, helpLinkUri: _pages + "HYB1090.md");

    public static readonly DiagnosticDescriptor SingleValue = new("HYB2001", "Batch statistics of a single value", "{0}", "Facts", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB2001.md");

    public static readonly DiagnosticDescriptor LiteralBatch = new("HYB2002", "A number where the batch's size belongs", "{0}", "Facts", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB2002.md");

    public static readonly DiagnosticDescriptor ForcedSize = new("HYB2003", "A size is declared free and forced to one number", "{0}", "Facts", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB2003.md");

    public static readonly DiagnosticDescriptor Contradiction = new("HYB2004", "No sizes satisfy the facts", "{0}", "Facts", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB2004.md");

    public static readonly DiagnosticDescriptor TargetShape = new("HYB3001", "A cross-entropy's target has another shape", "{0}", "Losses", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB3001.md");

    public static readonly DiagnosticDescriptor TargetType = new("HYB3002", "A loss's target has another type", "{0}", "Losses", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB3002.md");

    public static readonly DiagnosticDescriptor DoubleSoftmax = new("HYB3003", "Probabilities where logits belong", "{0}", "Losses", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB3003.md");

    public static readonly DiagnosticDescriptor ProbabilityOrLogits = new("HYB3004", "Probabilities and logits are confused", "{0}", "Losses", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB3004.md");

    public static readonly DiagnosticDescriptor LossBroadcast = new("HYB3005", "A loss broadcasts its prediction against its target", "{0}", "Losses", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB3005.md");

    public static readonly DiagnosticDescriptor HeadDomain = new("HYB3007", "A scale may be zero or negative", "{0}", "Losses", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB3007.md");

    public static readonly DiagnosticDescriptor NotConnected = new("HYB4001", "An input or layer never reaches an output", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4001.md");

    public static readonly DiagnosticDescriptor NotRegistered = new("HYB4002", "Modules in a collection are not registered", "{0}", "Language", DiagnosticSeverity.Warning, true, helpLinkUri: _pages + "HYB4002.md");

    public static readonly DiagnosticDescriptor SharedLayerSizes = new("HYB4003", "A shared layer is used with two input sizes", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4003.md");

    public static readonly DiagnosticDescriptor Unsupported = new("HYB4004", "Outside of the spec language", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4004.md");

    public static readonly DiagnosticDescriptor NotConstant = new("HYB4005", "Not a compile-time constant", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4005.md");

    public static readonly DiagnosticDescriptor CheckpointKeys = new("HYB4006", "Checkpoint keys are not those of the lock file", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4006.md");

    public static readonly DiagnosticDescriptor TooMuchWork = new("HYB4007", "The spec unrolls too far", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4007.md");

    public static readonly DiagnosticDescriptor DuplicateKey = new("HYB4008", "Two layers have the same checkpoint key", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4008.md");

    public static readonly DiagnosticDescriptor Unreadable = new("HYB4009", "The contract of a spec cannot be read", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4009.md");

    public static readonly DiagnosticDescriptor LossWithWeights = new("HYB4010", "A loss has weights", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4010.md");

    public static readonly DiagnosticDescriptor TooManyInputs = new("HYB4011", "A network has more inputs than a module takes", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4011.md");

    public static readonly DiagnosticDescriptor OverBudget = new("HYB4012", "A network exceeds its budget", "{0}", "Language", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB4012.md");

    public static readonly DiagnosticDescriptor NoTangent = new("HYB5003", "An operation has no forward-mode rule", "{0}", Programs, DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB5003.md");

    public static readonly DiagnosticDescriptor NoFlipout = new("HYB5004", "Weights cannot be drawn", "{0}", Programs, DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB5004.md");

    public static readonly DiagnosticDescriptor ForeignWeights = new("HYB5005", "A part's weights cannot be named", "{0}", Programs, DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB5005.md");

    public static readonly DiagnosticDescriptor InnerVariant = new("HYB5006", "A network inside does not derive the program", "{0}", Programs, DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB5006.md");

    public static readonly DiagnosticDescriptor NotFinished = new("HYB9001", "The generator could not finish", "{0}", "Generator", DiagnosticSeverity.Error, true, helpLinkUri: _pages + "HYB9001.md");

    /// <summary>All of them, by id.</summary>
    public static readonly ImmutableArray<DiagnosticDescriptor> All = ImmutableArray.Create(
        LinearInputs,
        ConvolutionChannels,
        ChannelsLast,
        Rank,
        EmptySize,
        JoinedSizes,
        ElementwiseShapes,
        SilentBroadcast,
        ReshapeElements,
        ReshapeAcross,
        SqueezedAxis,
        Heads,
        BatchAndTime,
        Groups,
        NotRestored,
        NormFeatures,
        MatMulInner,
        BrokenPromise,
        AssertedShape,
        WeightsOfTheInput,
        SquareMatrices,
        Parts,
        Elements,
        BrokenSymmetry,
        AcrossExamples,
        CalledShape,
        NotProvable,
        SingleValue,
        LiteralBatch,
        ForcedSize,
        Contradiction,
        TargetShape,
        TargetType,
        DoubleSoftmax,
        ProbabilityOrLogits,
        LossBroadcast,
        HeadDomain,
        NotConnected,
        NotRegistered,
        SharedLayerSizes,
        Unsupported,
        NotConstant,
        CheckpointKeys,
        TooMuchWork,
        DuplicateKey,
        Unreadable,
        LossWithWeights,
        TooManyInputs,
        OverBudget,
        NoTangent,
        NoFlipout,
        ForeignWeights,
        InnerVariant,
        NotFinished);

    private static readonly Dictionary<string, DiagnosticDescriptor> _byId = All.ToDictionary(d => d.Id);

    /// <summary>The descriptor of a fault's id; null when the language knows a fault that this catalogue does not.</summary>
    public static DiagnosticDescriptor? Find(string id) => _byId.TryGetValue(id, out var found) ? found : null;
}
