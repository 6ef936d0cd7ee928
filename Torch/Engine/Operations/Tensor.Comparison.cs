using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: elementwise comparison.
    public partial class Tensor
    {
        [Aten("eq.Scalar")] public partial Tensor eq(Scalar target);
        [Aten("eq.Tensor")] public partial Tensor eq(Tensor target);
        [Aten("eq_.Scalar")] public partial Tensor eq_(Scalar target);
        [Aten("eq_.Tensor")] public partial Tensor eq_(Tensor target);
        [Aten("fmax")] public partial Tensor fmax(Tensor other);
        [Aten("fmin")] public partial Tensor fmin(Tensor other);
        [Aten("ge.Scalar")] public partial Tensor ge(Scalar target);
        [Aten("ge.Tensor")] public partial Tensor ge(Tensor target);
        [Aten("ge_.Scalar")] public partial Tensor ge_(Scalar target);
        [Aten("ge_.Tensor")] public partial Tensor ge_(Tensor target);
        [Aten("greater.Tensor")] public partial Tensor greater(Tensor target);
        [Aten("greater_equal.Tensor")] public partial Tensor greater_equal(Tensor target);
        [Aten("gt.Scalar")] public partial Tensor gt(Scalar target);
        [Aten("gt.Tensor")] public partial Tensor gt(Tensor target);
        [Aten("gt_.Scalar")] public partial Tensor gt_(Scalar target);
        [Aten("gt_.Tensor")] public partial Tensor gt_(Tensor target);
        [Aten("isclose")] public partial Tensor isclose(Tensor other, double rtol = 1E-05, double atol = 1E-08, bool nanEqual = false);
        [Aten("isfinite")] public partial Tensor isfinite();
        [Aten("isinf")] public partial Tensor isinf();
        [Aten("isnan")] public partial Tensor isnan();
        [Aten("isneginf")] public partial Tensor isneginf();
        [Aten("isposinf")] public partial Tensor isposinf();
        [Aten("isreal")] public partial Tensor isreal();
        [Aten("le.Scalar")] public partial Tensor le(Scalar target);
        [Aten("le.Tensor")] public partial Tensor le(Tensor target);
        [Aten("le_.Scalar")] public partial Tensor le_(Scalar target);
        [Aten("le_.Tensor")] public partial Tensor le_(Tensor target);
        [Aten("less.Tensor")] public partial Tensor less(Tensor target);
        [Aten("less_equal.Tensor")] public partial Tensor less_equal(Tensor target);
        [Aten("less_equal_.Tensor")] public partial Tensor less_equal_(Tensor target);
        [Aten("lt.Scalar")] public partial Tensor lt(Scalar target);
        [Aten("lt.Tensor")] public partial Tensor lt(Tensor target);
        [Aten("lt_.Scalar")] public partial Tensor lt_(Scalar target);
        [Aten("lt_.Tensor")] public partial Tensor lt_(Tensor target);
        [Aten("maximum")] public partial Tensor maximum(Tensor other);
        [Aten("minimum")] public partial Tensor minimum(Tensor other);
        [Aten("ne.Scalar")] public partial Tensor ne(Scalar target);
        [Aten("ne.Tensor")] public partial Tensor ne(Tensor target);
        [Aten("ne_.Scalar")] public partial Tensor ne_(Scalar target);
        [Aten("ne_.Tensor")] public partial Tensor ne_(Tensor target);
        [Aten("not_equal.Tensor")] public partial Tensor not_equal(Tensor target);
        [Aten("not_equal_.Tensor")] public partial Tensor not_equal_(Tensor target);
        [Aten("allclose")] public partial bool allclose(Tensor target, double rtol = 1E-05, double atol = 1E-08, bool equal_nan = false);
    }
}
