using System.Collections.Generic;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: torch.linalg.
    public static partial class linalg
    {
        [Aten("linalg_cholesky_ex")] public static partial (Tensor, Tensor) cholesky_ex(Tensor input, bool check_errors = false);
        [Aten("linalg_eig")] public static partial (Tensor, Tensor) eig(Tensor input);
        [Aten("linalg_inv_ex")] public static partial (Tensor, Tensor) inv_ex(Tensor input, bool check_errors = false);
        [Aten("linalg_ldl_factor")] public static partial (Tensor, Tensor) ldl_factor(Tensor input, bool hermitian = true);
        [Aten("linalg_lu_factor")] public static partial (Tensor, Tensor) lu_factor(Tensor input, bool pivot = true);
        [Aten("linalg_slogdet")] public static partial (Tensor, Tensor) slogdet(Tensor input);
        [Aten("linalg_solve_ex")] public static partial (Tensor, Tensor) solve_ex(Tensor A, Tensor B, bool left = true, bool check_errors = false);
        [Aten("linalg_ldl_factor_ex")] public static partial (Tensor, Tensor, Tensor) ldl_factor_ex(Tensor input, bool hermitian = true, bool check_errors = false);
        [Aten("linalg_lu")] public static partial (Tensor, Tensor, Tensor) lu(Tensor input, bool pivot = true);
        [Aten("linalg_svd")] public static partial (Tensor, Tensor, Tensor) svd(Tensor input, bool fullMatrices = true);
        [Aten("linalg_lstsq")] public static partial (Tensor, Tensor, Tensor, Tensor) lstsq(Tensor input, Tensor other);
        [Aten("linalg_lstsq")] public static partial (Tensor, Tensor, Tensor, Tensor) lstsq(Tensor input, Tensor other, double rcond);
        [Aten("linalg_cholesky")] public static partial Tensor cholesky(Tensor input);
        [Aten("linalg_cond")] public static partial Tensor cond(Tensor input);
        [Aten("linalg_cond")] public static partial Tensor cond(Tensor input, double p);
        [Aten("linalg_cond.p_str")] public static partial Tensor cond(Tensor input, string p);
        [Aten("linalg_cross")] public static partial Tensor cross(Tensor input, Tensor other, long dim = -1);
        [Aten("linalg_det")] public static partial Tensor det(Tensor input);
        [Aten("linalg_diagonal")] public static partial Tensor diagonal(Tensor input, int offset = 0, int dim1 = -2, int dim2 = -1);
        [Aten("linalg_eigvals")] public static partial Tensor eigvals(Tensor input);
        [Aten("linalg_householder_product")] public static partial Tensor householder_product(Tensor A, Tensor tau);
        [Aten("linalg_inv")] public static partial Tensor inv(Tensor input);
        [Aten("linalg_ldl_solve")] public static partial Tensor ldl_solve(Tensor LD, Tensor pivots, Tensor B, bool hermitian = false);
        [Aten("linalg_lu_solve", Out = "out")] public static partial Tensor lu_solve(Tensor LU, Tensor pivots, Tensor B, bool left = true, bool adjoint = false, Tensor? @out = null);
        [Aten("linalg_matrix_exp")] public static partial Tensor matrix_exp(Tensor input);
        [Aten("linalg_matrix_norm")] public static partial Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false);
        [Aten("linalg_matrix_norm.str_ord")] public static partial Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false);
        [Aten("linalg_matrix_rank.atol_rtol_tensor")] public static partial Tensor matrix_rank(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false);
        [Aten("linalg_matrix_rank.atol_rtol_float")] public static partial Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false);
        [Aten("linalg_multi_dot")] public static partial Tensor multi_dot(IList<Tensor> tensors);
        [Aten("linalg_norm")] public static partial Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false);
        [Aten("linalg_norm.ord_str")] public static partial Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false);
        [Aten("linalg_pinv.atol_rtol_tensor")] public static partial Tensor pinv(Tensor input, Tensor atol, Tensor? rtol = null, bool hermitian = false);
        [Aten("linalg_pinv.atol_rtol_float")] public static partial Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false);
        [Aten("linalg_solve")] public static partial Tensor solve(Tensor A, Tensor B, bool left = true);
        [Aten("linalg_solve_triangular", Out = "out")] public static partial Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null);
        [Aten("linalg_svdvals")] public static partial Tensor svdvals(Tensor input);
        [Aten("linalg_tensorinv")] public static partial Tensor tensorinv(Tensor input, long ind);
        [Aten("linalg_tensorsolve")] public static partial Tensor tensorsolve(Tensor A, Tensor B, long[] dims);
        [Aten("linalg_vander")] public static partial Tensor vander(Tensor input, long? N = null);
        [Aten("linalg_vecdot", Out = "out")] public static partial Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null);
        [Aten("linalg_vector_norm")] public static partial Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false);
    }
}
