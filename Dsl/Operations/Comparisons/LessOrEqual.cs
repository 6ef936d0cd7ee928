namespace Hybrid.Rules;

internal sealed class LessOrEqualRule() : ComparisonRule("<=", "le", "ge", "LessOrEqual");
