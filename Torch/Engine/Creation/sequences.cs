using System;
using Hybrid.Torch;

namespace TorchSharp;

// Ranges, grids, identity, windows.
public static partial class torch
{
    /// <summary>start, start + step, … below stop. Of int64 where all three are integers, of the default type otherwise.</summary>
    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(stop);
        ArgumentNullException.ThrowIfNull(step);
        var type = dtype ?? (is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type) ? ScalarType.Int64 : get_default_dtype());
        return Creation.Finish(RawOperations.arange(start, stop, step, type, null, InitializeDevice(device)), requires_grad, null);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary>steps numbers from start to end, both included.</summary>
    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.linspace(start, end, steps, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    /// <summary>base to the power of <see cref="linspace"/>.</summary>
    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.logspace(start, end, steps, @base, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    /// <summary>Ones on the diagonal; square unless columns are given.</summary>
    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Creation.Finish(RawOperations.eye(rows, columns == -1 ? rows : columns, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, names);

    public static Tensor tril_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        RawOperations.tril_indices(row, col, offset, dtype, null, InitializeDevice(device));

    public static Tensor triu_indices(long row, long col, long offset = 0, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        RawOperations.triu_indices(row, col, offset, dtype, null, InitializeDevice(device));

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Creation.Finish(RawOperations.empty_strided(size, strides, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, names);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Creation.Finish(RawOperations.randperm(n, generator, dtype ?? ScalarType.Int64, null, InitializeDevice(device)), requires_grad, null);

    public static Tensor randperm(long n, Tensor @out, Generator? generator = null)
    {
        RawOperations.randperm_out(n, generator, @out).Dispose();
        return @out;
    }

    public static Tensor normal(
        double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Creation.Finish(RawOperations.normal(mean, std, size, generator, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, names);

    public static Tensor sparse_coo_tensor(
        Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Creation.Finish(RawOperations.sparse_coo_tensor(indices, values, size, dtype ?? values.dtype, (long)layout.sparse_coo, InitializeDevice(device ?? values.device)), requires_grad, names);

    public static Tensor sparse(
        Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        sparse_coo_tensor(indices, values, size, dtype, device, requires_grad, names);

    public static Tensor bartlett_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.bartlett_window(len, periodic, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    public static Tensor blackman_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.blackman_window(len, periodic, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    public static Tensor hann_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.hann_window(len, periodic, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    public static Tensor hamming_window(
        long len, bool periodic = true, float alpha = 0.54f, float beta = 0.46f, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.hamming_window(len, periodic, alpha, beta, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);

    public static Tensor kaiser_window(long len, bool periodic = true, float beta = 12, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Creation.Finish(RawOperations.kaiser_window(len, periodic, beta, Creation.Floating(dtype), null, InitializeDevice(device)), requires_grad, null);
}
