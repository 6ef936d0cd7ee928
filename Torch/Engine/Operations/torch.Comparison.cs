using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: elementwise comparison.
public static partial class torch
{
    [Aten("eq.Tensor")] public static partial Tensor eq(Tensor left, Tensor right);
    [Aten("fmax")] public static partial Tensor fmax(Tensor input, Tensor other);
    [Aten("fmin")] public static partial Tensor fmin(Tensor input, Tensor other);
    [Aten("ge.Tensor")] public static partial Tensor ge(Tensor left, Tensor right);
    [Aten("greater.Tensor")] public static partial Tensor greater(Tensor tensor, Tensor target);
    [Aten("greater_equal.Tensor")] public static partial Tensor greater_equal(Tensor tensor, Tensor target);
    [Aten("gt.Tensor")] public static partial Tensor gt(Tensor left, Tensor right);
    [Aten("isclose")] public static partial Tensor isclose(Tensor tensor, Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false);
    [Aten("isfinite")] public static partial Tensor isfinite(Tensor tensor);
    [Aten("isinf")] public static partial Tensor isinf(Tensor tensor);
    [Aten("isnan")] public static partial Tensor isnan(Tensor input);
    [Aten("isneginf")] public static partial Tensor isneginf(Tensor tensor);
    [Aten("isposinf")] public static partial Tensor isposinf(Tensor tensor);
    [Aten("isreal")] public static partial Tensor isreal(Tensor tensor);
    [Aten("le.Tensor")] public static partial Tensor le(Tensor left, Tensor right);
    [Aten("less.Tensor")] public static partial Tensor less(Tensor tensor, Tensor target);
    [Aten("less_equal.Tensor")] public static partial Tensor less_equal(Tensor tensor, Tensor target);
    [Aten("lt.Tensor")] public static partial Tensor lt(Tensor left, Tensor right);
    [Aten("maximum")] public static partial Tensor maximum(Tensor input, Tensor other);
    [Aten("minimum")] public static partial Tensor minimum(Tensor input, Tensor other);
    [Aten("ne.Tensor")] public static partial Tensor ne(Tensor left, Tensor right);
    [Aten("not_equal.Tensor")] public static partial Tensor not_equal(Tensor tensor, Tensor target);
    [Aten("allclose")] public static partial bool allclose(Tensor tensor, Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false);
}
