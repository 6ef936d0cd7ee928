namespace Hybrid.Rules;

internal sealed class LessRule() : ComparisonRule("<", "lt", "gt", "Less");
