using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>
        /// Gradients of the sum of <paramref name="outputs"/> with respect to <paramref name="inputs"/>. As in TorchSharp 0.107 the graph is freed
        /// unless <paramref name="retain_graph"/> is true, also with <paramref name="create_graph"/>.
        /// </summary>
        /// <param name="grad_outputs">Vector of the vector-Jacobian product, one an output; may be left out for scalars.</param>
        /// <param name="allow_unused">Whether an input that no output depends on gives null rather than an error.</param>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            ArgumentNullException.ThrowIfNull(outputs);
            ArgumentNullException.ThrowIfNull(inputs);
            var (o, i, g) = (TensorHandles.Of(outputs), TensorHandles.Of(inputs), TensorHandles.Of(grad_outputs));
            var results = new nint[i.Length];
            fixed (nint* po = o, pi = i, pg = g, pr = results)
            {
                NativeFailure.ThrowIf(Native.hybrid_autograd_grad(
                    po, o.Length, pi, i.Length, pg, g.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, pr) < 0);
            }

            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return Array.ConvertAll(results, r => r == 0 ? null! : new Tensor(r, 0));
        }

        /// <summary>Adds the gradients of the sum of <paramref name="tensors"/> to the leaves' <c>grad</c>.</summary>
        /// <param name="retain_graph">Whether the graph can be walked again; null means the value of <paramref name="create_graph"/>.</param>
        /// <param name="inputs">Only these leaves get gradients; all where it is null.</param>
        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            ArgumentNullException.ThrowIfNull(tensors);
            var (t, g, i) = (TensorHandles.Of(tensors), TensorHandles.Of(grad_tensors), TensorHandles.Of(inputs));
            fixed (nint* pt = t, pg = g, pi = i)
            {
                NativeFailure.ThrowIf(Native.hybrid_backward(
                    pt, t.Length, pg, g.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0, pi, i.Length) < 0);
            }

            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static void backward(
            Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        /// <summary>While it lasts, a backward pass that meets NaN throws.</summary>
        public static AnomalyMode detect_anomaly(bool check_nan = true) => new(true, check_nan);

        public static AnomalyMode set_detect_anomaly(bool mode, bool check_nan = true) => new(mode, check_nan);
    }

    public partial class Tensor
    {
        public unsafe void backward()
        {
            var handle = Handle;
            NativeFailure.ThrowIf(Native.hybrid_backward(&handle, 1, null, 0, 0, 0, null, 0) < 0);
            GC.KeepAlive(this);
        }

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}

/// <summary>Anomaly detection in backward passes, from its making to its disposal.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _enabledBefore = IsEnabled;
    private readonly bool _checkedBefore = ShouldCheckNaN;
    private bool _disposed;

    public AnomalyMode(bool enabled, bool check_nan = true) => Native.hybrid_set_anomaly(enabled ? 1 : 0, check_nan ? 1 : 0);

    public static unsafe bool IsEnabled
    {
        get
        {
            int nan;
            return Native.hybrid_anomaly(&nan) != 0;
        }
    }

    public static unsafe bool ShouldCheckNaN
    {
        get
        {
            int nan;
            Native.hybrid_anomaly(&nan);
            return nan != 0;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!_disposed)
        {
            _disposed = true;
            Native.hybrid_set_anomaly(_enabledBefore ? 1 : 0, _checkedBefore ? 1 : 0);
        }
    }
}
