using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>
/// One node while its ensemble is written. Every value and every weight has a leading axis of M members, (M, …) against the single
/// network's (…): axes are written counted from the end, where both have the same. The axis is one of meaning, not of memory: what
/// convolutions and normalisations give is stored (B, M, C, …), so that folding members and channels into one axis moves nothing.
/// </summary>
public sealed class EnsembleCode : NodeCode
{
    internal EnsembleCode(
        Graph graph,
        Node node,
        Func<int, string> value,
        Func<string, string> weight,
        Func<Dim, string> size,
        string training,
        string members)
        : base(graph, node, value, weight, size, training)
        => Members = members;

    /// <summary>Whose noise members have, as an expression of <see cref="MemberNoise"/>. A loss has none.</summary>
    public string Noise => Graph.Kind == GraphKind.Network ? "Noise" : "global::Hybrid.MemberNoise.PerMember";

    /// <summary>The number of members as an expression.</summary>
    public string Members { get; }

    /// <summary>False: results are views of folded memory, and writing to a view costs its gradient a copy.</summary>
    public override bool MayOverwrite(string parameter = "x") => false;

    /// <summary>
    /// An input that meets values of higher rank: with axes of size 1 after that of the members, so that it broadcasts as in the single
    /// network.
    /// </summary>
    public string In(string parameter, int rank) => Aligned(In(parameter), Shape(parameter).Rank, rank);

    /// <summary>
    /// A weight (M, …) of <paramref name="own"/> axes in the single network, with axes of size 1 up to <paramref name="rank"/>.
    /// </summary>
    public static string Aligned(string tensor, int own, int rank)
        => tensor + string.Concat(Enumerable.Repeat(".unsqueeze(1)", Math.Max(0, rank - own)));

    /// <summary>(M, B, C, …) folded to (B, M·C, …) for an operation on channels, and unfolded again.</summary>
    public string AsChannels(Func<string, string> operation, string parameter = "x")
        => $"{operation($"{In(parameter)}.transpose(0, 1).flatten(1, 2)")}.unflatten(1, {Longs(Members, "-1")}).transpose(0, 1)";

    /// <summary>A weight (M, C) as (M·C) channels.</summary>
    public string ChannelWeight(string name) => $"{Weight(name)}.flatten()";
}

/// <summary>One node as each member computes it by itself: what an operation without a form of its own for ensembles gets.</summary>
internal sealed class EachMemberCode(
    Graph graph,
    Node node,
    Func<int, string> value,
    Func<string, string> weight,
    Func<Dim, string> size,
    string training)
    : NodeCode(graph, node, value, weight, size, training)
{
    public override bool MayOverwrite(string parameter = "x") => false;
}
