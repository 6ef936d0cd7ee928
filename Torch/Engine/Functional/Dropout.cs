using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Dropout: of elements, of whole channels, and keeping the statistics that SELU needs.
        public static partial class functional
        {
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? RawFunctional.dropout_(input, p, training).alias() : training ? Dropped(input, p) : RawFunctional.dropout(input, p, false);

            private static Tensor Dropped(Tensor input, double p)
            {
                var result = new Tensor(NativeFailure.Check(Native.hybrid_dropout(input.Handle, p)), input.numel() * input.element_size());
                System.GC.KeepAlive(input);
                return result;
            }

            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Channels(input, p, training, inplace, unbatched: 2);

            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Channels(input, p, training, inplace, unbatched: 0);

            public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Channels(input, p, training, inplace, unbatched: 4);

            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                inplace ? RawFunctional.alpha_dropout_(input, p, training).alias() : RawFunctional.alpha_dropout(input, p, training);

            public static Tensor feature_alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                inplace ? RawFunctional.feature_alpha_dropout_(input, p, training).alias() : RawFunctional.feature_alpha_dropout(input, p, training);

            // libtorch drops along the first two dimensions; an input without a batch gets one for the time.
            private static Tensor Channels(Tensor input, double p, bool training, bool inplace, int unbatched)
            {
                if (input.ndim != unbatched)
                {
                    return inplace ? RawFunctional.feature_dropout_(input, p, training).alias() : RawFunctional.feature_dropout(input, p, training);
                }

                using var batch = input.unsqueeze(0);
                using var dropped = inplace ? RawFunctional.feature_dropout_(batch, p, training).alias() : RawFunctional.feature_dropout(batch, p, training);
                return dropped.squeeze(0);
            }
        }
    }
}
