using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // Named dimensions; libtorch itself still calls them experimental.
    public partial class Tensor
    {
        /// <summary>One name a dimension; null where it has none.</summary>
        public unsafe string?[] names
        {
            get
            {
                var text = Native.hybrid_names(Handle);
                GC.KeepAlive(this);
                NativeFailure.Check((nint)text);
                var joined = Marshal.PtrToStringUTF8((nint)text)!;
                Native.hybrid_free((nint)text);
                return joined.Length == 0 ? [] : joined.TrimEnd('\n').Split('\n').Select(n => n == "*" ? null : n).ToArray();
            }
        }

        public Tensor rename(IEnumerable<string>? names)
        {
            var renamed = alias();
            renamed.SetNames(names?.ToArray());
            return renamed;
        }

        public Tensor rename_(IEnumerable<string>? names)
        {
            SetNames(names?.ToArray());
            return this;
        }

        public Tensor refine_names(IEnumerable<string> names)
        {
            var wanted = names.ToArray();
            var current = this.names;
            if (wanted.Length != current.Length)
            {
                throw new ArgumentException($"refine_names: expected {current.Length} names, one a dimension, got {wanted.Length}.", nameof(names));
            }

            for (var i = 0; i < wanted.Length; i++)
            {
                if (current[i] is { } name && name != wanted[i])
                {
                    throw new ArgumentException($"refine_names: dimension {i} is already named '{name}', cannot name it '{wanted[i]}'; rename does that.", nameof(names));
                }
            }

            return rename(wanted);
        }

        public Tensor refine_names(params string[] names) => refine_names((IEnumerable<string>)names);

        internal unsafe void SetNames(string[]? names)
        {
            var text = names is null ? null : Encoding.UTF8.GetBytes(string.Join('\n', names.Select(n => n ?? "*")) + "\0");
            fixed (byte* p = text)
            {
                NativeFailure.ThrowIf(Native.hybrid_set_names(Handle, p, names?.Length ?? -1) < 0);
            }

            GC.KeepAlive(this);
        }
    }
}
