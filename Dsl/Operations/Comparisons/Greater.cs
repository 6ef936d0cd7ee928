namespace Hybrid.Rules;

internal sealed class GreaterRule() : ComparisonRule(">", "gt", "lt", "Greater");
