using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hybrid.Generators.Evaluation;
using Hybrid.Generators.Reading;
using Hybrid.Graphs;
using Microsoft.CodeAnalysis;

namespace Hybrid.Generators.Diagnostics;

/// <summary>Turns faults into diagnostics: origins become locations, and marks in the text become line numbers.</summary>
internal sealed class FaultReporter
{
    /// <summary>The property that carries <see cref="Fault.Fix"/> to the code fixes.</summary>
    public const string Fix = "Fix";

    /// <summary>The property of HYB1018 that carries the returned shapes, separated by semicolons.</summary>
    public const string Returned = "Returned";

    /// <summary>The properties <c>Edit0</c>, <c>Edit1</c>, … carry <see cref="Fault.Edits"/>: kind, start, length and text.</summary>
    public const string Edit = "Edit";

    private readonly SyntaxTree _tree;
    private readonly Places _places;
    private readonly Sites _sites;
    private readonly string? _returned;

    public FaultReporter(SyntaxTree tree, Places places, EvaluatedSpec spec)
    {
        _tree = tree;
        _places = places;
        _sites = spec.Sites;
        _returned = spec.Returned is null ? null : string.Join(";", spec.Returned);
    }

    /// <summary>
    /// One diagnostic for each id and place: an unrolled loop would say the same in every round. A fault in another file's
    /// block is reported where this file calls the block, with the line inside it as a further location.
    /// </summary>
    public IEnumerable<Diagnostic> Diagnostics(IEnumerable<Fault> faults)
    {
        var reported = new HashSet<(string Id, Location Place, string Text)>();
        foreach (var fault in faults)
        {
            var descriptor = Descriptors.Of(fault.Id);
            // What concerns the spec as a whole is reported at the class's name.
            var origin = fault.Origin.IsKnown ? fault.Origin : Sites.Class;
            var exact = LocationOf(origin);
            var here = InThisFile(origin);
            var further = fault.Related.Where(o => o.IsKnown).Select(LocationOf).ToList();
            if (here != exact) further.Insert(0, exact);
            for (var caller = _sites.CallerOf(origin); caller is { } call; caller = _sites.CallerOf(call))
            {
                var place = LocationOf(call);
                if (place != here) further.Add(place);
            }
            // Of a program's faults each is another; they share the place where [Derive] asks for it.
            if (!reported.Add((fault.Id, here, fault.Kind.Category == "Programs" ? fault.Text : ""))) continue;
            var properties = ImmutableDictionary<string, string?>.Empty;
            if (fault.Fix is not null) properties = properties.Add(Fix, fault.Fix);
            if (fault.Id == "HYB1018" && _returned is not null && !fault.KeepsPromise) properties = properties.Add(Returned, _returned);
            for (var n = 0; n < fault.Edits.Count; n++)
            {
                var (kind, text, place) = fault.Edits[n];
                var at = LocationOf(place.IsKnown ? place : origin);
                // A repair in another file is another document's.
                if (at.SourceTree == _tree)
                {
                    properties = properties.Add(
                        Edit + n, FormattableString.Invariant($"{kind}|{at.SourceSpan.Start}|{at.SourceSpan.Length}|{text}"));
                }
            }
            yield return Diagnostic.Create(descriptor, here, further.Distinct(), properties, fault.Message(LineOf));
        }
    }

    private Location InThisFile(Origin origin)
    {
        Origin? at = origin;
        while (at is { } site)
        {
            var location = LocationOf(site);
            if (location.SourceTree == _tree) return location;
            at = _sites.CallerOf(site);
        }
        return LocationOf(origin);
    }

    private int? LineOf(Origin origin) => LocationOf(origin).GetLineSpan().StartLinePosition.Line + 1;

    private Location LocationOf(Origin origin) => _places.Location(_sites.PlaceOf(origin));
}
