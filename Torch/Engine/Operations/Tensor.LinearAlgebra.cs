using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: products, decompositions, solvers.
    public partial class Tensor
    {
        [Aten("geqrf")] public partial (Tensor, Tensor) geqrf();
        [Aten("addbmm")] public partial Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
        [Aten("addbmm_")] public partial Tensor addbmm_(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
        [Aten("addmm")] public partial Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1);
        [Aten("addmm_")] public partial Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1);
        [Aten("addmv")] public partial Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1);
        [Aten("addmv_")] public partial Tensor addmv_(Tensor mat, Tensor vec, float beta = 1, float alpha = 1);
        [Aten("addr")] public partial Tensor addr(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1);
        [Aten("addr_")] public partial Tensor addr_(Tensor vec1, Tensor vec2, float beta = 1, float alpha = 1);
        [Aten("adjoint")] public partial Tensor adjoint();
        [Aten("baddbmm")] public partial Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1);
        [Aten("bmm")] public partial Tensor bmm(Tensor batch2);
        [Aten("linalg_cholesky")] public partial Tensor cholesky(bool upper = false);
        [Aten("cholesky_inverse")] public partial Tensor cholesky_inverse(bool upper = false);
        [Aten("cholesky_solve")] public partial Tensor cholesky_solve(Tensor input2, bool upper = false);
        [Aten("det")] public partial Tensor det();
        [Aten("dot")] public partial Tensor dot(Tensor target);
        [Aten("ger")] public partial Tensor ger(Tensor vec2);
        [Aten("inner")] public partial Tensor inner(Tensor vec2);
        [Aten("inverse")] public partial Tensor inverse();
        [Aten("kron")] public partial Tensor kron(Tensor other);
        [Aten("logdet")] public partial Tensor logdet();
        [Aten("matmul")] public partial Tensor matmul(Tensor target);
        [Aten("matrix_exp")] public partial Tensor matrix_exp();
        [Aten("matrix_power")] public partial Tensor matrix_power(int n);
        [Aten("mm")] public partial Tensor mm(Tensor target);
        [Aten("mv")] public partial Tensor mv(Tensor target);
        [Aten("ormqr")] public partial Tensor ormqr(Tensor tau, Tensor other, bool left = true, bool transpose = false);
        [Aten("outer")] public partial Tensor outer(Tensor vec2);
        [Aten("t")] public partial Tensor t();
        [Aten("tensordot")] public partial Tensor tensordot(Tensor b, long[] dims1, long[] dims2);
        [Aten("trace")] public partial Tensor trace();
        [Aten("vdot")] public partial Tensor vdot(Tensor target);
    }
}
