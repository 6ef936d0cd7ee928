namespace Hybrid.Rules;

internal sealed class GreaterOrEqualRule() : ComparisonRule(">=", "ge", "le", "GreaterOrEqual");
