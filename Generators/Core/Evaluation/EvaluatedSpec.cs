using System.Collections.Generic;
using Hybrid.Generators.Model;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

/// <summary>What a spec means.</summary>
/// <param name="Model">What was evaluated.</param>
/// <param name="Graph">The graph, or null when faults or compiler errors leave it incomplete.</param>
/// <param name="Faults">What is wrong, in the order in which it was met.</param>
/// <param name="Sites">The places that origins stand for.</param>
/// <param name="Returned">The shapes of what is returned, as [Shape] writes them; null where one is unknown.</param>
internal sealed record EvaluatedSpec(
    SpecModel Model,
    Graph? Graph,
    IReadOnlyList<Fault> Faults,
    Sites Sites,
    IReadOnlyList<string>? Returned);
