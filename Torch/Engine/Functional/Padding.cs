using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Padding: pairs of sizes, the last dimension's first.
        public static partial class functional
        {
            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => RawFunctional.pad(input, pad, "constant", mode == PaddingModes.Zeros ? 0 : value),
                PaddingModes.Reflect => RawFunctional.pad(input, pad, "reflect", null),
                PaddingModes.Replicate => RawFunctional.pad(input, pad, "replicate", null),
                PaddingModes.Circular => RawFunctional.pad(input, pad, "circular", null),
                _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "pad: unknown padding mode."),
            };

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)pad, mode, value);

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad, pad], mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, (ReadOnlySpan<long>)[pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);
        }
    }
}
