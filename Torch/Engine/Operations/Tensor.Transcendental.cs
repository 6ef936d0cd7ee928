using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: exponential, trigonometric and special functions.
    public partial class Tensor
    {
        [Aten("acos")] public partial Tensor acos();
        [Aten("acos_")] public partial Tensor acos_();
        [Aten("acosh")] public partial Tensor acosh();
        [Aten("acosh_")] public partial Tensor acosh_();
        [Aten("arccos")] public partial Tensor arccos();
        [Aten("arccos_")] public partial Tensor arccos_();
        [Aten("arccosh")] public partial Tensor arccosh();
        [Aten("arccosh_")] public partial Tensor arccosh_();
        [Aten("arcsin")] public partial Tensor arcsin();
        [Aten("arcsin_")] public partial Tensor arcsin_();
        [Aten("arcsinh")] public partial Tensor arcsinh();
        [Aten("arcsinh_")] public partial Tensor arcsinh_();
        [Aten("arctan")] public partial Tensor arctan();
        [Aten("arctan2")] public partial Tensor arctan2(Tensor other);
        [Aten("arctan2_")] public partial Tensor arctan2_(Tensor other);
        [Aten("arctan_")] public partial Tensor arctan_();
        [Aten("arctanh")] public partial Tensor arctanh();
        [Aten("arctanh_")] public partial Tensor arctanh_();
        [Aten("asin")] public partial Tensor asin();
        [Aten("asin_")] public partial Tensor asin_();
        [Aten("asinh")] public partial Tensor asinh();
        [Aten("asinh_")] public partial Tensor asinh_();
        [Aten("atan")] public partial Tensor atan();
        [Aten("atan2")] public partial Tensor atan2(Tensor other);
        [Aten("atan2_")] public partial Tensor atan2_(Tensor other);
        [Aten("atan_")] public partial Tensor atan_();
        [Aten("atanh")] public partial Tensor atanh();
        [Aten("atanh_")] public partial Tensor atanh_();
        [Aten("cos")] public partial Tensor cos();
        [Aten("cos_")] public partial Tensor cos_();
        [Aten("cosh")] public partial Tensor cosh();
        [Aten("cosh_")] public partial Tensor cosh_();
        [Aten("digamma")] public partial Tensor digamma();
        [Aten("digamma_")] public partial Tensor digamma_();
        [Aten("erf")] public partial Tensor erf();
        [Aten("erf_")] public partial Tensor erf_();
        [Aten("erfc")] public partial Tensor erfc();
        [Aten("erfc_")] public partial Tensor erfc_();
        [Aten("erfinv")] public partial Tensor erfinv();
        [Aten("erfinv_")] public partial Tensor erfinv_();
        [Aten("exp")] public partial Tensor exp();
        [Aten("exp2")] public partial Tensor exp2();
        [Aten("exp2_")] public partial Tensor exp2_();
        [Aten("exp_")] public partial Tensor exp_();
        [Aten("expm1")] public partial Tensor expm1();
        [Aten("expm1_")] public partial Tensor expm1_();
        [Aten("i0")] public partial Tensor i0();
        [Aten("i0_")] public partial Tensor i0_();
        [Aten("igamma")] public partial Tensor igamma(Tensor other);
        [Aten("igammac")] public partial Tensor igammac(Tensor other);
        [Aten("lgamma")] public partial Tensor lgamma();
        [Aten("lgamma_")] public partial Tensor lgamma_();
        [Aten("log")] public partial Tensor log();
        [Aten("log10")] public partial Tensor log10();
        [Aten("log10_")] public partial Tensor log10_();
        [Aten("log1p")] public partial Tensor log1p();
        [Aten("log1p_")] public partial Tensor log1p_();
        [Aten("log2")] public partial Tensor log2();
        [Aten("log2_")] public partial Tensor log2_();
        [Aten("log_")] public partial Tensor log_();
        [Aten("logaddexp")] public partial Tensor logaddexp(Tensor other);
        [Aten("logaddexp2")] public partial Tensor logaddexp2(Tensor other);
        [Aten("mvlgamma")] public partial Tensor mvlgamma(long p);
        [Aten("mvlgamma_")] public partial Tensor mvlgamma_(long p);
        [Aten("polygamma_")] public partial Tensor polygamma_(long p);
        [Aten("sigmoid")] public partial Tensor sigmoid();
        [Aten("sigmoid_")] public partial Tensor sigmoid_();
        [Aten("sin")] public partial Tensor sin();
        [Aten("sin_")] public partial Tensor sin_();
        [Aten("sinc")] public partial Tensor sinc();
        [Aten("sinc_")] public partial Tensor sinc_();
        [Aten("sinh")] public partial Tensor sinh();
        [Aten("sinh_")] public partial Tensor sinh_();
        [Aten("tan")] public partial Tensor tan();
        [Aten("tan_")] public partial Tensor tan_();
        [Aten("tanh")] public partial Tensor tanh();
        [Aten("tanh_")] public partial Tensor tanh_();
        [Aten("xlogy.Scalar_Other")] public partial Tensor xlogy(Scalar y);
        [Aten("xlogy.Tensor")] public partial Tensor xlogy(Tensor y);
        [Aten("xlogy_.Scalar_Other")] public partial Tensor xlogy_(Scalar y);
        [Aten("xlogy_.Tensor")] public partial Tensor xlogy_(Tensor y);
    }
}
