using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Records no gradients on this thread until disposed.</summary>
    public static IDisposable no_grad() => new GradientMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradientMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradientMode(mode);

    public static bool is_grad_enabled() => Native.hybrid_grad_mode() != 0;

    /// <summary>Like <see cref="no_grad"/>, and tensors made meanwhile can never enter a graph.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.hybrid_inference_mode() != 0;

    private sealed class GradientMode : IDisposable
    {
        private readonly bool _before = is_grad_enabled();
        private bool _disposed;

        public GradientMode(bool enabled) => Native.hybrid_set_grad_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (!_disposed)
            {
                _disposed = true;
                Native.hybrid_set_grad_mode(_before ? 1 : 0);
            }
        }
    }

    private sealed class InferenceMode(bool enabled) : IDisposable
    {
        private nint _guard = Native.hybrid_enter_inference_mode(enabled ? 1 : 0);

        public void Dispose()
        {
            if (_guard != 0)
            {
                Native.hybrid_leave_inference_mode(_guard);
                _guard = 0;
            }
        }
    }
}
