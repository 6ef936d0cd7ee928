using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: torch.special.
    public static partial class special
    {
        [Aten("special_airy_ai", Out = "out")] public static partial Tensor airy_ai(Tensor input, Tensor? @out = null);
        [Aten("special_bessel_j0", Out = "out")] public static partial Tensor bessel_j0(Tensor input, Tensor? @out = null);
        [Aten("special_bessel_j1", Out = "out")] public static partial Tensor bessel_j1(Tensor input, Tensor? @out = null);
        [Aten("special_bessel_y0", Out = "out")] public static partial Tensor bessel_y0(Tensor input, Tensor? @out = null);
        [Aten("special_bessel_y1", Out = "out")] public static partial Tensor bessel_y1(Tensor input, Tensor? @out = null);
        [Aten("special_chebyshev_polynomial_t", Out = "out")] public static partial Tensor chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_chebyshev_polynomial_u", Out = "out")] public static partial Tensor chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_chebyshev_polynomial_v", Out = "out")] public static partial Tensor chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_chebyshev_polynomial_w", Out = "out")] public static partial Tensor chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_digamma")] public static partial Tensor digamma(Tensor input);
        [Aten("special_entr")] public static partial Tensor entr(Tensor input);
        [Aten("special_erf")] public static partial Tensor erf(Tensor input);
        [Aten("special_erfc")] public static partial Tensor erfc(Tensor input);
        [Aten("special_erfcx")] public static partial Tensor erfcx(Tensor input);
        [Aten("special_erfinv")] public static partial Tensor erfinv(Tensor input);
        [Aten("special_exp2")] public static partial Tensor exp2(Tensor input);
        [Aten("special_expit")] public static partial Tensor expit(Tensor input);
        [Aten("special_expm1")] public static partial Tensor expm1(Tensor input);
        [Aten("special_gammainc")] public static partial Tensor gammainc(Tensor input, Tensor other);
        [Aten("special_gammaincc")] public static partial Tensor gammaincc(Tensor input, Tensor other);
        [Aten("special_gammaln")] public static partial Tensor gammaln(Tensor input);
        [Aten("special_hermite_polynomial_h", Out = "out")] public static partial Tensor hermite_polynomial_h(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_hermite_polynomial_he", Out = "out")] public static partial Tensor hermite_polynomial_he(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_i0")] public static partial Tensor i0(Tensor input);
        [Aten("special_i0e")] public static partial Tensor i0e(Tensor input);
        [Aten("special_i1")] public static partial Tensor i1(Tensor input);
        [Aten("special_i1e")] public static partial Tensor i1e(Tensor input);
        [Aten("special_laguerre_polynomial_l", Out = "out")] public static partial Tensor laguerre_polynomial_l(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_legendre_polynomial_p", Out = "out")] public static partial Tensor legendre_polynomial_p(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_log_softmax")] public static partial Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null);
        [Aten("special_logit")] public static partial Tensor logit(Tensor input);
        [Aten("special_modified_bessel_i0", Out = "out")] public static partial Tensor modified_bessel_i0(Tensor input, Tensor? @out = null);
        [Aten("special_modified_bessel_i1", Out = "out")] public static partial Tensor modified_bessel_i1(Tensor input, Tensor? @out = null);
        [Aten("special_modified_bessel_k0", Out = "out")] public static partial Tensor modified_bessel_k0(Tensor input, Tensor? @out = null);
        [Aten("special_modified_bessel_k1", Out = "out")] public static partial Tensor modified_bessel_k1(Tensor input, Tensor? @out = null);
        [Aten("special_multigammaln")] public static partial Tensor multigammaln(Tensor input, long p);
        [Aten("special_ndtr")] public static partial Tensor ndtr(Tensor input);
        [Aten("special_ndtri")] public static partial Tensor ndtri(Tensor input);
        [Aten("special_polygamma")] public static partial Tensor polygamma(long n, Tensor input);
        [Aten("special_psi")] public static partial Tensor psi(Tensor input);
        [Aten("special_scaled_modified_bessel_k0", Out = "out")] public static partial Tensor scaled_modified_bessel_k0(Tensor input, Tensor? @out = null);
        [Aten("special_scaled_modified_bessel_k1", Out = "out")] public static partial Tensor scaled_modified_bessel_k1(Tensor input, Tensor? @out = null);
        [Aten("special_shifted_chebyshev_polynomial_t", Out = "out")] public static partial Tensor shifted_chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_shifted_chebyshev_polynomial_u", Out = "out")] public static partial Tensor shifted_chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_shifted_chebyshev_polynomial_v", Out = "out")] public static partial Tensor shifted_chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_shifted_chebyshev_polynomial_w", Out = "out")] public static partial Tensor shifted_chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null);
        [Aten("special_sinc")] public static partial Tensor sinc(Tensor input);
        [Aten("special_softmax")] public static partial Tensor softmax(Tensor input, long dim, ScalarType? dtype = null);
        [Aten("special_spherical_bessel_j0", Out = "out")] public static partial Tensor spherical_bessel_j0(Tensor input, Tensor? @out = null);
        [Aten("special_xlog1py")] public static partial Tensor xlog1py(Tensor input, Tensor other);
        [Aten("special_zeta")] public static partial Tensor zeta(Tensor x, Tensor q);
    }
}
