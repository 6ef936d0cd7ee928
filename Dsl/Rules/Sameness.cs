using System.Linq;
using Hybrid.Graphs;

namespace Hybrid.Rules;

/// <summary>Whether two values of a graph are equal because the same was computed twice.</summary>
internal static class Sameness
{
    private const int Deepest = 8;

    public static bool IsSame(GraphBuilder builder, Value left, Value right) => IsSame(builder, left.Id, right.Id, 0);

    private static bool IsSame(GraphBuilder builder, int left, int right, int depth)
    {
        if (left == right) return true;
        if (depth > Deepest || left < 0 || right < 0) return false;
        return builder.ProducerOf(builder.ValueOf(left)) is { Layer: < 0 } a
            && builder.ProducerOf(builder.ValueOf(right)) is { Layer: < 0 } b
            && a.Operation == b.Operation
            // Dropout draws other numbers at each call.
            && !RuleTable.Get(a.Operation).DependsOnTraining
            && a.Arguments == b.Arguments
            && a.Outputs.ToList().IndexOf(left) == b.Outputs.ToList().IndexOf(right)
            && a.Inputs.Count == b.Inputs.Count
            && a.Inputs.Zip(b.Inputs, (x, y) => IsSame(builder, x, y, depth + 1)).All(same => same);
    }
}
