using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Bench.Harness;
using Hybrid.Bench.Imnn;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Bench.ByHand;

/// <summary>One IMNN iteration as a careful user of TorchSharp writes it: line by line bench/peers/imnn_iteration.py.</summary>
internal static class HandWrittenImnn
{
    private const long N = 1000, D = 10, P = 2, S = 2, H = 128;
    private const double Lambda = 10, Epsilon = 0.1;
    private static readonly double _alpha = -Math.Log((Epsilon * (Lambda - 1)) + (Epsilon * Epsilon / (1 + Epsilon))) / Epsilon;

    public static IContender Of(string form)
    {
        manual_seed(0);
        long[] sizes = [D, H, H, H, S];
        var weights = sizes.Zip(sizes.Skip(1)).Select(
            pair => new Parameter(randn(pair.Second, pair.First) * Math.Sqrt(2.0 / (pair.First + pair.Second)))).ToArray();
        var biases = sizes.Skip(1).Select(size => new Parameter(randn(size) * 0.01)).ToArray();
        var optimiser = optim.Adam(weights.Concat(biases), 1e-3);
        var identity = eye(S);
        var (isNumerical, width) = (form == ImnnContender.Numerical, 0.2);
        var (train, validation) = (Data(), Data());
        List<double[]> history = [];

        return new Stepper("TorchSharp by hand", 30, () =>
        {
            var (fisher, covariance, inverse) = Statistics(train);
            var (value, distance, strength) = Loss(fisher, covariance, inverse);
            optimiser.zero_grad();
            value.backward();
            optimiser.step();
            using var still = no_grad();
            Record(fisher, covariance, inverse, distance, strength);
            (fisher, covariance, inverse) = Statistics(validation);
            (_, distance, strength) = Loss(fisher, covariance, inverse);
            Record(fisher, covariance, inverse, distance, strength);
        });

        (Tensor, Tensor) Data()
        {
            var noise = randn(N, D);
            var derivative = stack([ones(N, D), noise / 2]); // (P, N, D), exact at θ = (0, 1)
            if (!isNumerical) return (noise, derivative);
            var (below, above) = (noise - (derivative * width / 2), noise + (derivative * width / 2));
            return (cat([noise, below.reshape(-1, D), above.reshape(-1, D)]), derivative);
        }

        (Tensor X, Tensor Derivative) Numerical(Tensor rows)
        {
            var x = rows;
            for (var layer = 0; layer < 3; layer++)
                x = nn.functional.leaky_relu(nn.functional.linear(x, weights[layer], biases[layer]), 0.01);
            x = nn.functional.linear(x, weights[3], biases[3]);
            var means = x.narrow(0, N, 2 * P * N).view(2, P, N, S).mean([2L]);
            return (x.narrow(0, 0, N), (means[1] - means[0]) / width); // (N, S), (P, S)
        }

        (Tensor X, Tensor Derivative) Tangent(Tensor x, Tensor dx)
        {
            for (var layer = 0; layer < 3; layer++)
            {
                x = nn.functional.linear(x, weights[layer], biases[layer]);
                var slope = where(x > 0, tensor(1f), tensor(0.01f));
                x = x * slope;
                dx = nn.functional.linear(dx, weights[layer]) * slope;
            }
            // The mean passes through the last, linear layer.
            return (nn.functional.linear(x, weights[3], biases[3]), nn.functional.linear(dx.mean([1L]), weights[3]));
        }

        (Tensor Fisher, Tensor Covariance, Tensor Inverse) Statistics((Tensor Data, Tensor Derivative) set)
        {
            var (x, derivative) = isNumerical ? Numerical(set.Data) : Tangent(set.Data, set.Derivative);
            var centred = x - x.mean([0L]);
            var covariance = centred.t().mm(centred) / (N - 1);
            var inverse = linalg.inv(covariance);
            return (derivative.mm(inverse).mm(derivative.t()), covariance, inverse);
        }

        (Tensor Value, Tensor Distance, Tensor Strength) Loss(Tensor fisher, Tensor covariance, Tensor inverse)
        {
            var distance = linalg.norm(covariance - identity) + linalg.norm(inverse - identity);
            var strength = Lambda * distance / (distance + (-_alpha * distance).exp());
            var (sign, logarithm) = linalg.slogdet(fisher);
            return ((-sign * logarithm) + (strength * distance), distance, strength);
        }

        void Record(Tensor fisher, Tensor covariance, Tensor inverse, Tensor distance, Tensor strength)
            => history.Add(
            [
                linalg.det(fisher).ToDouble(), linalg.det(covariance).ToDouble(), linalg.det(inverse).ToDouble(),
                distance.ToDouble(), strength.ToDouble(),
            ]);
    }
}
