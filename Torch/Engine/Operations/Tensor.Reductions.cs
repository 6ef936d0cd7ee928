using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: sums, extremes, statistics along dimensions.
    public partial class Tensor
    {
        [Aten("aminmax")] public partial (Tensor, Tensor) aminmax(long? dim = null, bool keepdim = false);
        [Aten("cummax")] public partial (Tensor, Tensor) cummax(long dim);
        [Aten("cummin")] public partial (Tensor, Tensor) cummin(long dim);
        [Aten("max.dim")] public partial (Tensor, Tensor) max(long dim, bool keepdim = false);
        [Aten("min.dim")] public partial (Tensor, Tensor) min(long dim, bool keepdim = false);
        [Aten("mode")] public partial (Tensor, Tensor) mode(long dim = -1, bool keepdim = false);
        [Aten("std_mean")] public partial (Tensor, Tensor) std_mean(bool unbiased = true);
        [Aten("topk")] public partial (Tensor, Tensor) topk(int k, int dim = -1, bool largest = true, bool sorted = true);
        [Aten("var_mean")] public partial (Tensor, Tensor) var_mean(bool unbiased = true);
        [Aten("all")] public partial Tensor all();
        [Aten("all.dim")] public partial Tensor all(long dim, bool keepdim = false);
        [Aten("amax", Out = "out")] public partial Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null);
        [Aten("amax", Out = "out")] public partial Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null);
        [Aten("amax")] public partial Tensor amax(params long[] dims);
        [Aten("amin", Out = "out")] public partial Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null);
        [Aten("amin", Out = "out")] public partial Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null);
        [Aten("amin")] public partial Tensor amin(params long[] dims);
        [Aten("any")] public partial Tensor any();
        [Aten("any.dim")] public partial Tensor any(long dim, bool keepdim = false);
        [Aten("argmax")] public partial Tensor argmax();
        [Aten("argmax")] public partial Tensor argmax(long dim, bool keepdim = false);
        [Aten("argmin")] public partial Tensor argmin();
        [Aten("argmin")] public partial Tensor argmin(long dim, bool keepdim = false);
        [Aten("argsort")] public partial Tensor argsort(long dim = -1, bool descending = false);
        [Aten("bincount")] public partial Tensor bincount(Tensor weights, long minlength = 0);
        [Aten("bucketize.Tensor")] public partial Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false);
        [Aten("corrcoef")] public partial Tensor corrcoef();
        [Aten("count_nonzero.dim_IntList")] public partial Tensor count_nonzero(long[]? dims = null);
        [Aten("cov")] public partial Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null);
        [Aten("cumprod")] public partial Tensor cumprod(long dim, ScalarType? type = null);
        [Aten("cumsum")] public partial Tensor cumsum(long dim, ScalarType? type = null);
        [Aten("cumulative_trapezoid.x")] public partial Tensor cumulative_trapezoid(Tensor x, long dim = -1);
        [Aten("cumulative_trapezoid.dx")] public partial Tensor cumulative_trapezoid(double dx = 1, long dim = -1);
        [Aten("diff")] public partial Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null);
        [Aten("dist")] public partial Tensor dist(Tensor other, float p = 2);
        [Aten("isin.Tensor_Tensor")] public partial Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false);
        [Aten("lerp.Tensor")] public partial Tensor lerp(Tensor end, Tensor weight);
        [Aten("lerp_.Tensor")] public partial Tensor lerp_(Tensor end, Tensor weight);
        [Aten("logcumsumexp")] public partial Tensor logcumsumexp(long dim);
        [Aten("logsumexp")] public partial Tensor logsumexp(long dim, bool keepdim = false);
        [Aten("max")] public partial Tensor max();
        [Aten("max.other")] public partial Tensor max(Tensor other);
        [Aten("mean")] public partial Tensor mean();
        [Aten("mean.dim")] public partial Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null);
        [Aten("median")] public partial Tensor median();
        [Aten("min")] public partial Tensor min();
        [Aten("min.other")] public partial Tensor min(Tensor other);
        [Aten("msort")] public partial Tensor msort();
        [Aten("nanmean")] public partial Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null);
        [Aten("nanmedian")] public partial Tensor nanmedian();
        [Aten("nanquantile")] public partial Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false);
        [Aten("nansum")] public partial Tensor nansum();
        [Aten("norm.Scalar")] public partial Tensor norm(float p = 2);
        [Aten("prod")] public partial Tensor prod(ScalarType? type = null);
        [Aten("prod.dim_int")] public partial Tensor prod(long dim, bool keepdim = false, ScalarType? type = null);
        [Aten("quantile")] public partial Tensor quantile(Tensor q, long dim = -1, bool keepdim = false);
        [Aten("renorm")] public partial Tensor renorm(float p, long dim, float maxnorm);
        [Aten("std")] public partial Tensor std(bool unbiased = true);
        [Aten("sum.dim_IntList")] public partial Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null);
        [Aten("sum")] public partial Tensor sum(ScalarType? type = null);
        [Aten("sum.dim_IntList")] public partial Tensor sum(long dim, bool keepdim = false, ScalarType? type = null);
        [Aten("sum.dim_IntList")] public partial Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null);
        [Aten("trapezoid.x")] public partial Tensor trapezoid(Tensor x, long dim = -1);
        [Aten("trapezoid.dx")] public partial Tensor trapezoid(double dx = 1, long dim = -1);
        [Aten("var")] public partial Tensor var(bool unbiased = true);
    }
}
