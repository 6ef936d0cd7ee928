using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Graphs;

/// <summary>A kind of fault.</summary>
/// <param name="Id">Its number, <c>HYB1001</c>.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Title">What is wrong, in general. The message is written where the fault is found, with the user's own names.</param>
public sealed record FaultKind(string Id, FaultSeverity Severity, string Title)
{
    /// <summary>The subject, which its thousand stands for.</summary>
    public string Category => Id[3] switch
    {
        '1' => "Shapes",
        '2' => "Facts",
        '3' => "Losses",
        '4' => "Language",
        '5' => "Programs",
        _ => "Generator",
    };

    /// <summary>Its page in the repository.</summary>
    public string Page => $"docs/diagnostics/{Id}.md";
}

/// <summary>Every diagnostic, stated once. Ids are never used again or given another meaning.</summary>
public static class Catalogue
{
    /// <summary>All of them, by id.</summary>
    public static IReadOnlyList<FaultKind> All { get; } =
    [
        new("HYB1001", FaultSeverity.Error, "Linear is pinned to other inputs than it receives"),
        new("HYB1002", FaultSeverity.Error, "Convolution is pinned to other channels than it receives"),
        new("HYB1003", FaultSeverity.Error, "An axis means something else than the operation needs"),
        new("HYB1004", FaultSeverity.Error, "Wrong number of axes"),
        new("HYB1005", FaultSeverity.Error, "A size falls below one"),
        new("HYB1006", FaultSeverity.Error, "Joined tensors differ on another axis"),
        new("HYB1007", FaultSeverity.Error, "Operands have different shapes"),
        new("HYB1008", FaultSeverity.Warning, "Two tensors broadcast against each other"),
        new("HYB1009", FaultSeverity.Error, "A reshape changes the number of elements"),
        new("HYB1010", FaultSeverity.Warning, "A reshape moves data across axes"),
        new("HYB1011", FaultSeverity.Error, "A squeezed axis is not of size one"),
        new("HYB1012", FaultSeverity.Error, "Heads do not divide the width"),
        new("HYB1013", FaultSeverity.Error, "Batch and time are swapped"),
        new("HYB1014", FaultSeverity.Error, "Groups do not divide the channels"),
        new("HYB1015", FaultSeverity.Error, "A transposed convolution does not restore the size"),
        new("HYB1016", FaultSeverity.Error, "Normalisation is pinned to other features than it receives"),
        new("HYB1017", FaultSeverity.Error, "Inner sizes of a matrix product differ"),
        new("HYB1018", FaultSeverity.Error, "The spec returns another shape than it promises"),
        new("HYB1019", FaultSeverity.Error, "An asserted shape does not hold"),
        new("HYB1020", FaultSeverity.Error, "Weights would change with the input"),
        new("HYB1021", FaultSeverity.Error, "A matrix operation needs square matrices"),
        new("HYB1022", FaultSeverity.Error, "Parts do not add up to their axis"),
        new("HYB1023", FaultSeverity.Error, "A tensor of another element type is needed"),
        new("HYB1024", FaultSeverity.Error, "A symmetry would be broken"),
        new("HYB1025", FaultSeverity.Warning, "A softmax runs across the batch"),
        new("HYB1026", FaultSeverity.Error, "An argument is out of range"),
        new("HYB1027", FaultSeverity.Error, "A size cannot be expressed"),
        new("HYB1028", FaultSeverity.Warning, "An operation runs over an axis of one element"),
        new("HYB1029", FaultSeverity.Warning, "An axis is probably not the one that is meant"),
        new("HYB1030", FaultSeverity.Error, "A generated network is called with another shape"),
        new("HYB1031", FaultSeverity.Warning, "Patches leave a border out"),
        new("HYB1032", FaultSeverity.Warning, "An index may be larger than what it picks from"),
        new("HYB1090", FaultSeverity.Info, "A relation between sizes is not provable"),
        new("HYB2001", FaultSeverity.Error, "Batch statistics of a single value"),
        new("HYB2002", FaultSeverity.Warning, "A number where the batch's size belongs"),
        new("HYB2003", FaultSeverity.Error, "A size is declared free and forced to one number"),
        new("HYB2004", FaultSeverity.Error, "No sizes satisfy the facts"),
        new("HYB3001", FaultSeverity.Error, "A cross-entropy's target has another shape"),
        new("HYB3002", FaultSeverity.Error, "A loss's target has another type"),
        new("HYB3003", FaultSeverity.Warning, "Probabilities where logits belong"),
        new("HYB3004", FaultSeverity.Error, "Probabilities and logits are confused"),
        new("HYB3005", FaultSeverity.Error, "A loss broadcasts its prediction against its target"),
        new("HYB3007", FaultSeverity.Error, "A scale may be zero or negative"),
        new("HYB3008", FaultSeverity.Warning, "Similarities are taken for logits as they are"),
        new("HYB4001", FaultSeverity.Error, "An input or layer never reaches an output"),
        new("HYB4002", FaultSeverity.Warning, "Modules in a collection are not registered"),
        new("HYB4003", FaultSeverity.Error, "A shared layer is used with two input sizes"),
        new("HYB4004", FaultSeverity.Error, "Outside of the spec language"),
        new("HYB4005", FaultSeverity.Error, "Not a compile-time constant"),
        new("HYB4006", FaultSeverity.Error, "Checkpoint keys are not those of the lock file"),
        new("HYB4007", FaultSeverity.Error, "The spec unrolls too far"),
        new("HYB4008", FaultSeverity.Error, "Two layers have the same checkpoint key"),
        new("HYB4009", FaultSeverity.Error, "The contract of a spec cannot be read"),
        new("HYB4010", FaultSeverity.Error, "A loss has weights"),
        new("HYB4011", FaultSeverity.Error, "A network has more inputs than a module takes"),
        new("HYB4012", FaultSeverity.Error, "A network exceeds its budget"),
        new("HYB4013", FaultSeverity.Error, "No input gives a size that is needed"),
        new("HYB4014", FaultSeverity.Error, "A class cannot hold what is generated for it"),
        new("HYB4015", FaultSeverity.Warning, "No gradient reaches a layer"),
        new("HYB4016", FaultSeverity.Warning, "Dropout falls on the result"),
        new("HYB5003", FaultSeverity.Error, "An operation has no forward-mode rule"),
        new("HYB5004", FaultSeverity.Error, "Weights cannot be drawn"),
        new("HYB5005", FaultSeverity.Error, "A part's weights cannot be named"),
        new("HYB5006", FaultSeverity.Error, "A network inside does not derive the program"),
        new("HYB9001", FaultSeverity.Error, "The generator could not finish"),
    ];

    private static readonly Dictionary<string, FaultKind> _byId = All.ToDictionary(kind => kind.Id, StringComparer.Ordinal);

    /// <summary>The kind of an id; null when there is none.</summary>
    public static FaultKind? Find(string id) => _byId.TryGetValue(id, out var kind) ? kind : null;

    internal static FaultKind Get(string id)
        => Find(id) ?? throw new ArgumentException($"there is no diagnostic '{id}'; the catalogue lists all", nameof(id));
}
