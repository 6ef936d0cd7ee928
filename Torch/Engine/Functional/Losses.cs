using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Losses whose parameters differ from libtorch's in order, or that are built from several operations.
        public static partial class functional
        {
            public static Tensor cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) =>
                RawFunctional.cross_entropy_loss(input, target, weight, reduction, ignore_index, label_smoothing);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) =>
                RawFunctional.binary_cross_entropy_with_logits(input, target, weight, pos_weights, reduction);

            public static Tensor ctc_loss(
                Tensor log_probs, Tensor targets, Tensor input_lengths, Tensor target_lengths, long blank = 0, bool zero_infinity = false, Reduction reduction = Reduction.Mean) =>
                RawFunctional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) =>
                RawFunctional.huber_loss(input, target, reduction, delta);

            /// <summary>Input and, by default, target are logarithms of probabilities.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) =>
                RawFunctional.kl_div(input, target, reduction, log_target);

            public static Tensor multi_margin_loss(
                Tensor input, Tensor target, int p = 1, double margin = 1, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                RawFunctional.multi_margin_loss(input, target, p, margin, weight, reduction);

            public static Tensor multi_label_margin_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                RawFunctional.multilabel_margin_loss(input, target, reduction);

            public static Tensor multilabel_soft_margin_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
            {
                using var scope = NewDisposeScope();
                var loss = target.mul(RawFunctional.log_sigmoid(input)).add(RawOperations.rsub(1L, target).mul(RawFunctional.log_sigmoid(input.neg()))).neg();
                if (weight is not null)
                {
                    loss = loss.mul(weight);
                }

                return Reduced(loss.mean([-1L]), reduction).MoveToOuterDisposeScope();
            }

            public static Tensor triplet_margin_loss(
                Tensor anchor, Tensor positive, Tensor negative, double margin = 1, long p = 2, double eps = 1E-06, bool swap = false, Reduction reduction = Reduction.Mean) =>
                RawFunctional.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction);

            public static Tensor triplet_margin_with_distance_loss(
                Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1, bool swap = false, Reduction reduction = Reduction.Mean)
            {
                using var scope = NewDisposeScope();
                distance ??= (a, b) => pairwise_distance(a, b);
                var near = distance(anchor, positive);
                var far = distance(anchor, negative);
                if (swap)
                {
                    far = far.minimum(distance(positive, negative));
                }

                return Reduced(RawOperations.add(near.sub(far), margin).clamp_min(0), reduction).MoveToOuterDisposeScope();
            }

            /// <summary>
            /// ½ (ln σ² + (x − y)² / σ²), plus ½ ln 2π when full; the variance is taken to be at least eps. Nix and Weigend 1994.
            /// As in TorchSharp, the elements of one example (first dimension) are summed before the reduction; PyTorch reduces all elements alike.
            /// </summary>
            public static Tensor gaussian_nll_loss(Tensor input, Tensor target, Tensor variance, bool full = false, float eps = 1E-06f, Reduction reduction = Reduction.Mean)
            {
                using var scope = NewDisposeScope();
                var shape = input.shape;
                var spread = variance.shape;
                if (!spread.AsSpan().SequenceEqual(shape))
                {
                    if (shape.Length > 0 && spread.AsSpan().SequenceEqual(shape.AsSpan(0, shape.Length - 1)))
                    {
                        variance = variance.unsqueeze(-1);
                    }
                    else if (!(spread.Length == shape.Length && shape.Length > 0 && spread[^1] == 1 && spread.AsSpan(0, spread.Length - 1).SequenceEqual(shape.AsSpan(0, shape.Length - 1))))
                    {
                        throw new ArgumentException(
                            $"gaussian_nll_loss: expected a variance of the input's shape [{string.Join(", ", shape)}], or with its last dimension 1 or left out, got [{string.Join(", ", spread)}].", nameof(variance));
                    }
                }

                using (var negative = variance.lt(0))
                using (var any = negative.any())
                {
                    if (any.item<bool>())
                    {
                        throw new ArgumentException("gaussian_nll_loss: expected variances ≥ 0, got a negative one.", nameof(variance));
                    }
                }

                // The bound keeps the logarithm finite and, as in PyTorch, passes no gradient.
                var bounded = variance.clone();
                using (no_grad())
                {
                    bounded.clamp_min_(eps);
                }

                var loss = RawOperations.mul(bounded.log().add(input.sub(target).square().div(bounded)), 0.5);
                if (full)
                {
                    loss = RawOperations.add(loss, 0.5 * Math.Log(2 * Math.PI));
                }

                if (shape.Length > 1)
                {
                    loss = loss.flatten(1).sum(1);
                }

                return Reduced(loss, reduction).MoveToOuterDisposeScope();
            }

            private static Tensor Reduced(Tensor loss, Reduction reduction) => reduction switch
            {
                Reduction.Mean => loss.mean(),
                Reduction.Sum => loss.sum(),
                _ => loss,
            };
        }
    }
}
