using System;
using System.Collections.Generic;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Torch;

/// <summary>
/// Operations with libtorch's own parameters, where TorchSharp's method has others: the public method calls one of these.
/// A layout is libtorch's number, null for strided.
/// </summary>
internal static partial class RawOperations
{
    [Aten("zeros")] public static partial Tensor zeros(ReadOnlySpan<long> size, ScalarType? dtype, long? layout, Device? device);
    [Aten("ones")] public static partial Tensor ones(ReadOnlySpan<long> size, ScalarType? dtype, long? layout, Device? device);
    [Aten("empty.memory_format")] public static partial Tensor empty(ReadOnlySpan<long> size, ScalarType? dtype, long? layout, Device? device);
    [Aten("empty_strided")] public static partial Tensor empty_strided(long[] size, long[] stride, ScalarType? dtype, long? layout, Device? device);
    [Aten("full")] public static partial Tensor full(ReadOnlySpan<long> size, Scalar fill_value, ScalarType? dtype, long? layout, Device? device);
    [Aten("rand.generator")] public static partial Tensor rand(ReadOnlySpan<long> size, Generator? generator, ScalarType? dtype, long? layout, Device? device);
    [Aten("randn.generator")] public static partial Tensor randn(ReadOnlySpan<long> size, Generator? generator, ScalarType? dtype, long? layout, Device? device);
    [Aten("randint.low_generator")] public static partial Tensor randint(long low, long high, ReadOnlySpan<long> size, Generator? generator, ScalarType? dtype, long? layout, Device? device);
    [Aten("randperm.generator")] public static partial Tensor randperm(long n, Generator? generator, ScalarType? dtype, long? layout, Device? device);
    [Aten("randperm.generator_out")] public static partial Tensor randperm_out(long n, Generator? generator, Tensor @out);
    [Aten("normal.float_float")] public static partial Tensor normal(double mean, double std, ReadOnlySpan<long> size, Generator? generator, ScalarType? dtype, long? layout, Device? device);
    [Aten("arange.start_step")] public static partial Tensor arange(Scalar start, Scalar end, Scalar step, ScalarType? dtype, long? layout, Device? device);
    [Aten("arange.start_out")] public static partial Tensor arange_out(Scalar start, Scalar end, Scalar step, Tensor @out);
    [Aten("linspace")] public static partial Tensor linspace(Scalar start, Scalar end, long steps, ScalarType? dtype, long? layout, Device? device);
    [Aten("logspace")] public static partial Tensor logspace(Scalar start, Scalar end, long steps, double @base, ScalarType? dtype, long? layout, Device? device);
    [Aten("eye.m")] public static partial Tensor eye(long n, long m, ScalarType? dtype, long? layout, Device? device);
    [Aten("tril_indices")] public static partial Tensor tril_indices(long row, long col, long offset, ScalarType? dtype, long? layout, Device? device);
    [Aten("triu_indices")] public static partial Tensor triu_indices(long row, long col, long offset, ScalarType? dtype, long? layout, Device? device);
    [Aten("sparse_coo_tensor.indices_size")] public static partial Tensor sparse_coo_tensor(Tensor indices, Tensor values, long[] size, ScalarType? dtype, long? layout, Device? device);
    [Aten("bartlett_window.periodic")] public static partial Tensor bartlett_window(long window_length, bool periodic, ScalarType? dtype, long? layout, Device? device);
    [Aten("blackman_window.periodic")] public static partial Tensor blackman_window(long window_length, bool periodic, ScalarType? dtype, long? layout, Device? device);
    [Aten("hann_window.periodic")] public static partial Tensor hann_window(long window_length, bool periodic, ScalarType? dtype, long? layout, Device? device);
    [Aten("hamming_window.periodic_alpha_beta")] public static partial Tensor hamming_window(long window_length, bool periodic, double alpha, double beta, ScalarType? dtype, long? layout, Device? device);
    [Aten("kaiser_window.beta")] public static partial Tensor kaiser_window(long window_length, bool periodic, double beta, ScalarType? dtype, long? layout, Device? device);
    [Aten("fft_fftfreq")] public static partial Tensor fft_fftfreq(long n, double d, ScalarType? dtype, long? layout, Device? device);
    [Aten("fft_rfftfreq")] public static partial Tensor fft_rfftfreq(long n, double d, ScalarType? dtype, long? layout, Device? device);

    [Aten("zeros_like")] public static partial Tensor zeros_like(Tensor self, ScalarType? dtype, long? layout, Device? device);
    [Aten("ones_like")] public static partial Tensor ones_like(Tensor self, ScalarType? dtype, long? layout, Device? device);
    [Aten("empty_like")] public static partial Tensor empty_like(Tensor self, ScalarType? dtype, long? layout, Device? device);
    [Aten("full_like")] public static partial Tensor full_like(Tensor self, Scalar fill_value, ScalarType? dtype, long? layout, Device? device);
    [Aten("rand_like")] public static partial Tensor rand_like(Tensor self, ScalarType? dtype, long? layout, Device? device);
    [Aten("randn_like")] public static partial Tensor randn_like(Tensor self, ScalarType? dtype, long? layout, Device? device);
    [Aten("randint_like.low_dtype")] public static partial Tensor randint_like(Tensor self, long low, long high, ScalarType? dtype, long? layout, Device? device);

    [Aten("to.dtype_layout")] public static partial Tensor to(Tensor self, ScalarType? dtype, long? layout, Device? device, bool? pin_memory, bool non_blocking, bool copy);
    [Aten("to.dtype")] public static partial Tensor to(Tensor self, ScalarType dtype, bool non_blocking, bool copy);

    [Aten("equal")] public static partial bool equal(Tensor self, Tensor other);
    [Aten("index.Tensor")] public static partial Tensor index(Tensor self, Tensor[] indices);
    [Aten("index_put_")] public static partial Tensor index_put_(Tensor self, Tensor[] indices, Tensor values, bool accumulate);
    [Aten("select.int")] public static partial Tensor select(Tensor self, long dim, long index);
    [Aten("slice.Tensor")] public static partial Tensor slice(Tensor self, long dim, long? start, long? end, long step);
    [Aten("unsqueeze")] public static partial Tensor unsqueeze(Tensor self, long dim);
    [Aten("where.self")] public static partial Tensor where(Tensor condition, Tensor self, Tensor other);

    [Aten("add.Tensor")] public static partial Tensor add(Tensor self, double other);
    [Aten("add.Tensor")] public static partial Tensor add(Tensor self, long other);
    [Aten("sub.Tensor")] public static partial Tensor sub(Tensor self, double other);
    [Aten("sub.Tensor")] public static partial Tensor sub(Tensor self, long other);
    [Aten("sub.Tensor")] public static partial Tensor rsub(double self, Tensor other);
    [Aten("sub.Tensor")] public static partial Tensor rsub(long self, Tensor other);
    [Aten("sub.Tensor")] public static partial Tensor rsub(Scalar self, Tensor other);
    [Aten("mul.Tensor")] public static partial Tensor mul(Tensor self, double other);
    [Aten("mul.Tensor")] public static partial Tensor mul(Tensor self, long other);
    [Aten("div.Tensor")] public static partial Tensor div(Tensor self, double other);
    [Aten("div.Tensor")] public static partial Tensor div(Tensor self, long other);
    [Aten("div.Tensor")] public static partial Tensor div(Tensor self, Scalar other);
    [Aten("div.Tensor")] public static partial Tensor div(Tensor self, Tensor other);
    [Aten("div_.Tensor")] public static partial Tensor div_(Tensor self, Scalar other);
    [Aten("div_.Tensor")] public static partial Tensor div_(Tensor self, Tensor other);
    [Aten("div.Scalar_mode")] public static partial Tensor div(Tensor self, Scalar other, string? rounding_mode);
    [Aten("div.Tensor_mode")] public static partial Tensor div(Tensor self, Tensor other, string? rounding_mode);
    [Aten("div_.Scalar_mode")] public static partial Tensor div_(Tensor self, Scalar other, string? rounding_mode);
    [Aten("div_.Tensor_mode")] public static partial Tensor div_(Tensor self, Tensor other, string? rounding_mode);
    [Aten("remainder.Scalar")] public static partial Tensor remainder(Tensor self, double other);
    [Aten("remainder.Scalar")] public static partial Tensor remainder(Tensor self, long other);
    [Aten("cross")] public static partial Tensor cross(Tensor self, Tensor other, long? dim);
    [Aten("polygamma")] public static partial Tensor polygamma(long n, Tensor self);
    [Aten("gelu")] public static partial Tensor gelu(Tensor self, string approximate);
    [Aten("gelu_")] public static partial Tensor gelu_(Tensor self, string approximate);
    [Aten("random_.from")] public static partial Tensor random_(Tensor self, long from, long? to, Generator? generator);

    [Aten("std.correction")] public static partial Tensor std(Tensor self, ReadOnlySpan<long> dim, long? correction, bool keepdim);
    [Aten("var.correction")] public static partial Tensor var(Tensor self, ReadOnlySpan<long> dim, long? correction, bool keepdim);
    [Aten("std_mean.correction")] public static partial (Tensor, Tensor) std_mean(Tensor self, ReadOnlySpan<long> dim, long? correction, bool keepdim);
    [Aten("var_mean.correction")] public static partial (Tensor, Tensor) var_mean(Tensor self, ReadOnlySpan<long> dim, long? correction, bool keepdim);
    [Aten("sort.stable")] public static partial (Tensor, Tensor) sort(Tensor self, bool? stable, long dim, bool descending);
    [Aten("kthvalue")] public static partial (Tensor, Tensor) kthvalue(Tensor self, long k, long dim, bool keepdim);
    [Aten("_unique2")] public static partial (Tensor, Tensor, Tensor) unique(Tensor self, bool sorted, bool return_inverse, bool return_counts);
    [Aten("unique_dim")] public static partial (Tensor, Tensor, Tensor) unique_dim(Tensor self, long dim, bool sorted, bool return_inverse, bool return_counts);
    [Aten("unique_consecutive")] public static partial (Tensor, Tensor, Tensor) unique_consecutive(Tensor self, bool return_inverse, bool return_counts, long? dim);
    [Aten("histc")] public static partial Tensor histc(Tensor self, long bins, Scalar min, Scalar max);
    [Aten("norm.ScalarOpt_dim")] public static partial Tensor norm(Tensor self, double? p, long[] dim, bool keepdim);
    [Aten("squeeze")] public static partial Tensor squeeze(Tensor self);
    [Aten("squeeze.dim")] public static partial Tensor squeeze(Tensor self, long dim);
    [Aten("squeeze_")] public static partial Tensor squeeze_(Tensor self);
    [Aten("squeeze_.dim")] public static partial Tensor squeeze_(Tensor self, long dim);
    [Aten("roll")] public static partial Tensor roll(Tensor self, long[] shifts, long[] dims);
    [Aten("rot90")] public static partial Tensor rot90(Tensor self, long k, long[] dims);
    [Aten("pinverse")] public static partial Tensor pinverse(Tensor self, double rcond);
    [Aten("linalg_pinv")] public static partial Tensor linalg_pinv(Tensor self, double rcond, bool hermitian);
    [Aten("linalg_eigh")] public static partial (Tensor, Tensor) linalg_eigh(Tensor self, string uplo);
    [Aten("linalg_eigvalsh")] public static partial Tensor linalg_eigvalsh(Tensor self, string uplo);
    [Aten("linalg_qr")] public static partial (Tensor, Tensor) linalg_qr(Tensor self, string mode);
    [Aten("linalg_norm")] public static partial Tensor linalg_norm(Tensor self, Scalar? ord, long[]? dim, bool keepdim, ScalarType? dtype);
    [Aten("linalg_cond")] public static partial Tensor linalg_cond(Tensor self, Scalar? p);
    [Aten("tensordot")] public static partial Tensor tensordot(Tensor self, Tensor other, long[] dims_self, long[] dims_other);
    [Aten("unflatten.int")] public static partial Tensor unflatten(Tensor self, long dim, long[] sizes);
    [Aten("numpy_T")] public static partial Tensor numpy_T(Tensor self);
    [Aten("matrix_H")] public static partial Tensor matrix_H(Tensor self);
    [Aten("mT")] public static partial Tensor mT(Tensor self);
    [Aten("mH")] public static partial Tensor mH(Tensor self);
    [Aten("real")] public static partial Tensor real(Tensor self);
    [Aten("imag")] public static partial Tensor imag(Tensor self);
    [Aten("searchsorted.Tensor")] public static partial Tensor searchsorted(Tensor sorted_sequence, Tensor self, bool out_int32, bool right, string? side, Tensor? sorter);
    [Aten("searchsorted.Scalar")] public static partial Tensor searchsorted(Tensor sorted_sequence, Scalar self, bool out_int32, bool right, string? side, Tensor? sorter);
    [Aten("vander")] public static partial Tensor vander(Tensor x, long? N, bool increasing);
}
