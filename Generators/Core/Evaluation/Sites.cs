using System.Collections.Generic;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

/// <summary>
/// Where an operation happens: a place of the spec and the block call that led there, so that the same line in two calls of
/// a block, or two rounds of a loop, can be told apart. An <see cref="Origin"/> of the graph is an index here.
/// </summary>
internal sealed class Sites
{
    private readonly List<(int Place, int Caller)> _sites = new();

    /// <summary>The first site is the spec's class.</summary>
    public static Origin Class => new(0);

    public Sites(int classPlace) => At(classPlace);

    /// <summary>The site of the block call being read, −1 in the spec method itself.</summary>
    public int Caller { get; private set; } = -1;

    public Origin At(int place)
    {
        _sites.Add((place, Caller));
        return new Origin(_sites.Count - 1);
    }

    /// <summary>Reads a block's body; the result is the caller to come back to.</summary>
    public int Enter(Origin call)
    {
        var before = Caller;
        Caller = call.Id;
        return before;
    }

    public void Leave(int before) => Caller = before;

    public int PlaceOf(Origin origin) => _sites[origin.Id].Place;

    /// <summary>The block call that an origin lies in, or null in the spec method.</summary>
    public Origin? CallerOf(Origin origin) => _sites[origin.Id].Caller is >= 0 and var caller ? new Origin(caller) : null;
}
