using System;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                _toEpilog(RequireFloating(dtype), device, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                _toEpilog(RequireFloating(dtype), null, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            private ScalarType RequireFloating(ScalarType dtype) => dtype is ScalarType.Float16 or ScalarType.BFloat16
                or ScalarType.Float32 or ScalarType.Float64 or ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64
                ? dtype
                : throw new ArgumentException($"{GetName()}.to: expected a floating-point or complex dtype, got {dtype}.", nameof(dtype));

            /// <summary>
            /// Moves children, then replaces own parameters and buffers that change, in the tables and in the fields that
            /// hold them. Only floating-point tensors change their dtype. Former parameters are disposed: an optimiser is
            /// made after the last move.
            /// </summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    if (device is null) child._to(dtype!.Value, non_blocking);
                    else if (dtype is null) child._to(device.type, device.index, non_blocking);
                    else child._to(device, dtype.Value, non_blocking);
                }
                foreach (var (name, parameter) in _parameterTable.ToArray())
                {
                    if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;
                    _parameterTable[name] = moved;
                    SetComponent(name, parameter, moved);
                    parameter.Dispose();
                }
                foreach (var (name, (buffer, persistent)) in _bufferTable.ToArray())
                {
                    if (!ReplaceBuffer(dtype, device, buffer, out var moved)) continue;
                    _bufferTable[name] = (moved, persistent);
                    SetComponent(name, buffer, moved);
                    buffer.Dispose();
                }
            }

            /// <summary>Writes a replaced component to the field registered under its name, or to the property of that name.</summary>
            private void SetComponent(string name, Tensor former, Tensor moved)
            {
                foreach (var (key, field) in ComponentFields.Of(GetType()))
                {
                    if (key != name || !ReferenceEquals(field.GetValue(this), former)) continue;
                    field.SetValue(this, moved);
                    return;
                }
                var property = GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance);
                if (property is { CanWrite: true, CanRead: true } && ReferenceEquals(property.GetValue(this), former)) property.SetValue(this, moved);
            }

            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, [NotNullWhen(true)] out Parameter? p)
            {
                p = null;
                if (!Changes(param, dtype, device, out var type, out var place)) return false;
                // The copy is a new leaf: moving is no operation of the graph.
                using var _ = no_grad();
                using var copy = param.to(type, place).DetachFromDisposeScope();
                p = new Parameter(copy, param.requires_grad);
                using var grad = param.grad;
                if (grad is not null)
                {
                    using var movedGrad = grad.to(type, place);
                    p.grad = movedGrad;
                }
                return true;
            }

            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, [NotNullWhen(true)] out Tensor? result)
            {
                result = null;
                if (!Changes(buffer, dtype, device, out var type, out var place)) return false;
                using var _ = no_grad();
                result = buffer.to(type, place).DetachFromDisposeScope();
                return true;
            }

            private static bool Changes(Tensor tensor, ScalarType? dtype, Device? device, out ScalarType type, out Device place)
            {
                var current = tensor.dtype;
                type = dtype is { } wanted && (is_floating_point(current) || is_complex(current)) ? wanted : current;
                place = device ?? tensor.device;
                return type != current || (device is not null && !SameDevice(device, tensor.device));
            }

            // A CPU device prints with index -1 or 0, and a CUDA device without index is the current one.
            private static bool SameDevice(Device a, Device b)
                => a.type == b.type && (a.type == DeviceType.CPU || a.index < 0 || b.index < 0 || a.index == b.index);
        }
    }
}
