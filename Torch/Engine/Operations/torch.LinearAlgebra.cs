using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: products, decompositions, solvers.
public static partial class torch
{
    [Aten("geqrf")] public static partial (Tensor, Tensor) geqrf(Tensor input);
    [Aten("slogdet")] public static partial (Tensor, Tensor) slogdet(Tensor A);
    [Aten("lu_unpack")] public static partial (Tensor, Tensor, Tensor) lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data = true, bool unpack_pivots = true);
    [Aten("addbmm")] public static partial Tensor addbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
    [Aten("addbmm_")] public static partial Tensor addbmm_(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
    [Aten("addmm")] public static partial Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha);
    [Aten("addmm_")] public static partial Tensor addmm_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha);
    [Aten("addmv")] public static partial Tensor addmv(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha);
    [Aten("addmv_")] public static partial Tensor addmv_(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha);
    [Aten("addr")] public static partial Tensor addr(Tensor input, Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1);
    [Aten("addr_")] public static partial Tensor addr_(Tensor input, Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1);
    [Aten("adjoint")] public static partial Tensor adjoint(Tensor input);
    [Aten("baddbmm")] public static partial Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
    [Aten("bmm")] public static partial Tensor bmm(Tensor input, Tensor batch2);
    [Aten("chain_matmul")] public static partial Tensor chain_matmul(params Tensor[] matrices);
    [Aten("linalg_cholesky")] public static partial Tensor cholesky(Tensor input);
    [Aten("linalg_cholesky")] public static partial Tensor cholesky(Tensor input, bool upper);
    [Aten("cholesky_inverse")] public static partial Tensor cholesky_inverse(Tensor input, bool upper = false);
    [Aten("cholesky_solve")] public static partial Tensor cholesky_solve(Tensor input, Tensor input2, bool upper = false);
    [Aten("det")] public static partial Tensor det(Tensor input);
    [Aten("dot")] public static partial Tensor dot(Tensor input, Tensor other);
    [Aten("einsum")] public static partial Tensor einsum(string equation, params Tensor[] tensors);
    [Aten("ger")] public static partial Tensor ger(Tensor input, Tensor vec2);
    [Aten("inner")] public static partial Tensor inner(Tensor input, Tensor vec2);
    [Aten("inverse")] public static partial Tensor inverse(Tensor input);
    [Aten("kron")] public static partial Tensor kron(Tensor input, Tensor other);
    [Aten("logdet")] public static partial Tensor logdet(Tensor input);
    [Aten("lu_solve")] public static partial Tensor lu_solve(Tensor b, Tensor LU_data, Tensor LU_pivots);
    [Aten("matmul")] public static partial Tensor matmul(Tensor input, Tensor target);
    [Aten("matrix_exp")] public static partial Tensor matrix_exp(Tensor input);
    [Aten("matrix_power")] public static partial Tensor matrix_power(Tensor input, int n);
    [Aten("mm")] public static partial Tensor mm(Tensor input, Tensor target);
    [Aten("mv")] public static partial Tensor mv(Tensor input, Tensor target);
    [Aten("orgqr")] public static partial Tensor orgqr(Tensor input, Tensor tau);
    [Aten("ormqr")] public static partial Tensor ormqr(Tensor input, Tensor tau, Tensor other, bool left = true, bool transpose = false);
    [Aten("outer")] public static partial Tensor outer(Tensor input, Tensor vec2);
    [Aten("t")] public static partial Tensor t(Tensor input);
    [Aten("tensordot")] public static partial Tensor tensordot(Tensor a, Tensor b, long[] dims1, long[] dims2);
    [Aten("trace")] public static partial Tensor trace(Tensor input);
    [Aten("vdot")] public static partial Tensor vdot(Tensor input, Tensor target);
}
