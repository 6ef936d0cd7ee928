using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Well-known architectures and losses without a fault, as a researcher writes them down from the paper.</summary>
internal static partial class CorrectSpecs
{
    public static IReadOnlyList<FaultySpec> All { get; } = [.. Architectures, .. Vocabulary, .. Parameters, .. Literature];

    private static IReadOnlyList<FaultySpec> Architectures =>
    [
        new("transformer decoder layer", """
            [Spec] [return: Shape("B, T, 1000")] static Sym Forward([Shape("B, T"), Int64] Sym tokens, [Shape("B, S, 256")] Sym memory)
            {
                var x = tokens.Embedding(1000, 256);
                for (var i = 0; i < 2; i++) x = Decoder(x, memory);
                return x.LayerNorm().Linear(1000);
            }
            [Block] static Sym Decoder(Sym x, Sym memory)
            {
                x = (x + x.Attention(8, causal: true)).LayerNorm();
                x = (x + x.Attention(8, context: memory)).LayerNorm();
                return (x + x.Linear(1024).Gelu().Dropout(0.1).Linear(256)).LayerNorm();
            }
            """) { Dims = "B, S, T" },
        new("wavenet", """
            [Spec] [return: Shape("B, 256, T")] static Sym Forward([Shape("B, 1, T")] Sym wave)
            {
                var x = wave.Conv1d(32, k: 1);
                var skips = x.Conv1d(64, k: 1);
                for (var i = 0; i < 10; i++)
                {
                    var padded = x.Pad1d(1 << i);
                    var gate = padded.Conv1d(32, k: 2, dilation: 1 << i).Tanh() * padded.Conv1d(32, k: 2, dilation: 1 << i).Sigmoid();
                    skips = skips + gate.Conv1d(64, k: 1);
                    if (i < 9) x = x + gate.Conv1d(32, k: 1);
                }
                return skips.Relu().Conv1d(256, k: 1);
            }
            """) { Dims = "B, T", Where = "T >= 1" },
        new("pointnet classification", """
            [Spec] [return: Shape("B, 40")] static Sym Forward([Shape("B, 3, N")] Sym points)
            {
                var t = points.Conv1d(64, k: 1).BatchNorm().Relu().Conv1d(128, k: 1).BatchNorm().Relu().MeanPool1d().Linear(9).Reshape("B, 3, 3").AddDiagonal(1);
                var aligned = t.MatMul(points);
                var f = aligned.Conv1d(64, k: 1).BatchNorm().Relu().Conv1d(1024, k: 1).BatchNorm().Relu();
                return f.MeanPool1d().Linear(512).BatchNorm().Relu().Dropout(0.3).Linear(40);
            }
            """) { Dims = "B, N", Where = "B >= 2" },
        new("segnet-like encoder decoder", """
            [Spec] [return: Shape("B, 12, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                x = Conv(x, 32).MaxPool2d(2);
                x = Conv(x, 64).MaxPool2d(2);
                x = Conv(x.Upsample(2), 32);
                return Conv(x.Upsample(2), 12);
            }
            [Block] static Sym Conv(Sym x, int c) => x.Conv2d(c, k: 3, pad: 1).BatchNorm().Relu();
            """) { Dims = "B, H, W", Where = "H % 4 == 0, W % 4 == 0" },
        new("hrnet fusion", """
            [Spec] [return: Shape("B, 17, H, W")] static Sym Forward([Shape("B, 32, H, W")] Sym high)
            {
                var mid = high.Conv2d(64, k: 3, stride: 2, pad: 1).BatchNorm().Relu();
                var low = mid.Conv2d(128, k: 3, stride: 2, pad: 1).BatchNorm().Relu();
                var fused = (high + mid.Conv2d(32, k: 1).BatchNorm().Upsample(2) + low.Conv2d(32, k: 1).BatchNorm().Upsample(4)).Relu();
                var middle = (high.Conv2d(64, k: 3, stride: 2, pad: 1) + mid + low.Conv2d(64, k: 1).Upsample(2)).Relu();
                return (fused + middle.Conv2d(32, k: 1).Upsample(2)).Conv2d(17, k: 1);
            }
            """) { Dims = "B, H, W", Where = "H % 4 == 0, W % 4 == 0, H >= 4, W >= 4" },
        new("mlp mixer", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var x = image.Conv2d(128, k: 4, stride: 4).Flatten(2).Transpose();
                for (var i = 0; i < 3; i++) x = Mixer(x);
                return x.LayerNorm().Mean(1).Linear(10);
            }
            [Block] static Sym Mixer(Sym x)
            {
                x = x + x.LayerNorm().Transpose().Linear(64).Gelu().Linear(64).Transpose();
                return x + x.LayerNorm().Linear(256).Gelu().Linear(128);
            }
            """),
        new("swin window partition", """
            [Spec] [return: Shape("B, H, W, 96")] static Sym Forward([Shape("B, H, W, 96")] Sym x)
            {
                var windows = x.Reshape("B, H/7, 7, W/7, 7, 96").Permute(0, 1, 3, 2, 4, 5).Reshape("B*(H/7)*(W/7), 49, 96");
                var attended = windows.Attention(3);
                return attended.Reshape("B, H/7, W/7, 7, 7, 96").Permute(0, 1, 3, 2, 4, 5).Reshape("B, H, W, 96");
            }
            """) { Dims = "B, H, W", Where = "H % 7 == 0, W % 7 == 0" },
        new("swin patch merging", """
            [Spec] [return: Shape("B, H/2, W/2, 192")] static Sym Forward([Shape("B, H, W, 96")] Sym x)
                => x.Reshape("B, H/2, 2, W/2, 2, 96").Permute(0, 1, 3, 4, 2, 5).Reshape("B, H/2, W/2, 384").LayerNorm().Linear(192, bias: false);
            """) { Dims = "B, H, W", Where = "H % 2 == 0, W % 2 == 0" },
        new("pixel shuffle by reshape and permute", """
            [Spec] [return: Shape("B, 3, 2*H, 2*W")] static Sym Forward([Shape("B, 12, H, W")] Sym x)
                => x.Reshape("B, 3, 2, 2, H, W").Permute(0, 1, 4, 2, 5, 3).Reshape("B, 3, 2*H, 2*W");
            """) { Dims = "B, H, W" },
        new("gru seq2seq with attention", """
            [Spec] [return: Shape("B, T, 5000")] static Sym Forward([Shape("B, S"), Int64] Sym source, [Shape("B, T"), Int64] Sym target)
            {
                var encoded = source.Embedding(4000, 64).Gru(128, bidirectional: true).sequence;
                var decoded = target.Embedding(5000, 64).Gru(256).sequence;
                var scores = decoded.MatMul(encoded.Transpose()) / 16;
                var context = scores.Softmax().MatMul(encoded);
                return decoded.Cat(context, axis: 2).Linear(5000);
            }
            """) { Dims = "B, S, T" },
        new("simclr projection", """
            [Spec] static (Sym a, Sym b) Forward([Shape("B, 3, 32, 32")] Sym first, [Shape("B, 3, 32, 32")] Sym second)
            {
                var stem = Layer.Conv2d(64, k: 3, stride: 2, pad: 1);
                var head = Layer.Linear(128);
                return (head.On(stem.On(first).Relu().MeanPool2d()), head.On(stem.On(second).Relu().MeanPool2d()));
            }
            """) { Where = "B >= 2" },
        new("nt-xent similarities", """
            [Spec] static Sym Value([Shape("B, 128")] Sym a, [Shape("B, 128")] Sym b, [Shape("B"), Int64] Sym target)
            {
                var left = a / a.Square().Sum(1, keep: true).Sqrt();
                var right = b / b.Square().Sum(1, keep: true).Sqrt();
                return (left.MatMul(right.Transpose()) / 0.07).CrossEntropy(target);
            }
            """) { Where = "B >= 2", IsLoss = true },
        new("aspp", """
            [Spec] [return: Shape("B, 21, H, W")] static Sym Forward([Shape("B, 256, H, W")] Sym x)
            {
                var a = x.Conv2d(64, k: 1).Relu();
                var b = x.Conv2d(64, k: 3, pad: 6, dilation: 6).Relu();
                var c = x.Conv2d(64, k: 3, pad: 12, dilation: 12).Relu();
                var pooled = x.Mean((2, 3), keep: true).Conv2d(64, k: 1).Relu().Expand("B, 64, H, W");
                return a.Cat(b, c, pooled).Conv2d(21, k: 1);
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("fpn", """
            [Spec] static (Sym p3, Sym p4, Sym p5) Forward([Shape("B, 3, H, W")] Sym x)
            {
                var c2 = x.Conv2d(32, k: 7, stride: 2, pad: 3).MaxPool2d(3, stride: 2, pad: 1);
                var c3 = c2.Conv2d(64, k: 3, stride: 2, pad: 1).Relu();
                var c4 = c3.Conv2d(128, k: 3, stride: 2, pad: 1).Relu();
                var c5 = c4.Conv2d(256, k: 3, stride: 2, pad: 1).Relu();
                var p5 = c5.Conv2d(64, k: 1);
                var p4 = c4.Conv2d(64, k: 1) + p5.Upsample(2);
                var p3 = c3.Conv2d(64, k: 1) + p4.Upsample(2);
                return (p3.Conv2d(64, k: 3, pad: 1), p4.Conv2d(64, k: 3, pad: 1), p5.Conv2d(64, k: 3, pad: 1));
            }
            """) { Dims = "B, H, W", Where = "H % 32 == 0, W % 32 == 0" },
        new("capsules", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 1, 28, 28")] Sym x)
            {
                var primary = x.Conv2d(256, k: 9).Relu().Conv2d(256, k: 9, stride: 2);
                var capsules = primary.Reshape("B, 32, 8, 36").Permute(0, 1, 3, 2).Reshape("B, 1152, 8");
                var norm = capsules.Square().Sum(2, keep: true);
                var squashed = norm / (norm + 1) * capsules / (norm + 1e-8).Sqrt();
                return squashed.Flatten().Linear(160).Reshape("B, 10, 16").Square().Sum(2).Sqrt();
            }
            """),
        new("convnext block layer scale", """
            [Spec] [return: Shape("B, 96, H, W")] static Sym Forward([Shape("B, 96, H, W")] Sym x)
            {
                var gamma = Sym.Parameter("96", Init.Constant(1e-6));
                var y = x.Conv2d(96, k: 7, pad: 3, groups: 96).Permute(0, 2, 3, 1).LayerNorm().Linear(384).Gelu().Linear(96) * gamma;
                return x + y.Permute(0, 3, 1, 2).DropPath(0.1);
            }
            """) { Dims = "B, H, W" },
        new("multi head by hand", """
            [Spec] [return: Shape("B, T, 64")] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var (q, k, v) = x.Linear(192).Chunk(3, axis: -1);
                var query = q.Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                var key = k.Reshape("B, T, 4, 16").Permute(0, 2, 3, 1);
                var value = v.Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                var weights = (query.MatMul(key) / 4).Softmax();
                return weights.MatMul(value).Permute(0, 2, 1, 3).Reshape("B, T, 64").Linear(64);
            }
            """) { Dims = "B, T" },
        new("realnvp coupling", """
            [Spec] static (Sym z, Sym logDet) Forward([Shape("B, 8")] Sym x)
            {
                var (a, b) = x.Chunk(2);
                var (s, t) = a.Linear(32).Relu().Linear(8).Chunk(2);
                var scale = s.Tanh();
                return (a.Cat(b * scale.Exp() + t), scale.Sum(1));
            }
            """),
        new("vae elbo loss", """
            [Spec] static Sym Value([Shape("B, 784")] Sym logits, [Shape("B, 784")] Sym image, [Shape("B, 20")] Sym mean, [Shape("B, 20")] Sym logVariance)
                => logits.BceWithLogits(image) + (mean.Square() + logVariance.Exp() - logVariance - 1).Sum(1).Mean() / 2;
            """) { IsLoss = true },
        new("unet odd sizes padded back with crop", """
            [Spec] [return: Shape("B, 1, H/2*2, W/2*2")] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var down = x.Conv2d(8, k: 3, pad: 1).Relu();
                var up = down.MaxPool2d(2).Conv2d(16, k: 3, pad: 1).Relu().ConvTranspose2d(8, k: 2, stride: 2);
                return up.Cat(down.CropTo(up)).Conv2d(1, k: 1);
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("ceil mode googlenet", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.Conv2d(64, k: 7, stride: 2, pad: 3).Relu().MaxPool2d(3, stride: 2, ceil: true).MeanPool2d().Linear(10);
            """) { Dims = "B, H, W", Where = "H >= 16, W >= 16" },
        new("tcn residual", """
            [Spec] [return: Shape("B, T, 4")] static Sym Forward([Shape("B, T, 7")] Sym series)
            {
                var x = series.Transpose();
                for (var i = 0; i < 4; i++)
                {
                    var y = x.Pad1d(2 * (1 << i)).Conv1d(32, k: 3, dilation: 1 << i).Relu().Dropout(0.2);
                    x = (y + (i == 0 ? x.Conv1d(32, k: 1) : x)).Relu();
                }
                return x.Transpose().Linear(4);
            }
            """) { Dims = "B, T" },
        new("deep sets masked", """
            [Spec] [return: Shape("B, 1")] static Sym Forward([Shape("B, N, 5")] Sym items, [Shape("B, N, 1"), Bool] Sym mask)
                => items.Linear(64).Relu().Linear(64).MaskedMean(mask, 1).Linear(1);
            """) { Dims = "B, N" },
        new("gan discriminator minibatch stddev free", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, 3, 64, 64")] Sym x)
            {
                for (var i = 0; i < 4; i++) x = x.Conv2d(64 << i, k: 4, stride: 2, pad: 1, bias: i == 0).LeakyRelu(0.2);
                return x.Conv2d(1, k: 4).Flatten().Squeeze(1);
            }
            """),
        new("bilinear attention pooling", """
            [Spec] [return: Shape("B, 32")] static Sym Forward([Shape("B, T, 32")] Sym x)
            {
                var weights = x.Linear(1).Softmax(1);
                return (weights * x).Sum(1);
            }
            """) { Dims = "B, T" },
        new("fourier features mlp", """
            [Spec] [return: Shape("N, 4")] static Sym Forward([Shape("N, 3")] Sym position, [Shape("3, 64")] Sym frequencies)
            {
                var phase = position.MatMul(frequencies);
                return phase.Cat(phase.Square()).Linear(256).Relu().Linear(4);
            }
            """) { Dims = "N" },
        new("graph convolution dense", """
            [Spec] [return: Shape("B, 7")] static Sym Forward([Shape("B, N, 16")] Sym nodes, [Shape("B, N, N")] Sym adjacency)
            {
                var x = adjacency.MatMul(nodes).Linear(32).Relu();
                return adjacency.MatMul(x).Linear(7).Mean(1);
            }
            """) { Dims = "B, N" },
        new("conv lstm features", """
            [Spec] [return: Shape("B, 5")] static Sym Forward([Shape("B, T, 3, 32, 32")] Sym video)
            {
                var frames = video.Reshape("B*T, 3, 32, 32").Conv2d(16, k: 3, stride: 2, pad: 1).Relu().MeanPool2d();
                return frames.Reshape("B, T, 16").Lstm(32).last.Squeeze(0).Linear(5);
            }
            """) { Dims = "B, T" },
        new("shufflenet channel shuffle", """
            [Spec] [return: Shape("B, 48, H, W")] static Sym Forward([Shape("B, 48, H, W")] Sym x)
                => x.Conv2d(48, k: 1, groups: 3).Reshape("B, 3, 16, H, W").Transpose(1, 2).Reshape("B, 48, H, W").Conv2d(48, k: 3, pad: 1, groups: 48);
            """) { Dims = "B, H, W" },
        new("coordinate concat", """
            [Spec] [return: Shape("B, 8, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym x, [Shape("1, 2, H, W")] Sym grid)
                => x.Cat(grid.Expand("B, 2, H, W")).Conv2d(8, k: 3, pad: 1);
            """) { Dims = "B, H, W" },
        new("class token vit small", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var token = Sym.Parameter("1, 1, 64");
                var position = Sym.Parameter("1, 65, 64");
                var patches = image.Conv2d(64, k: 4, stride: 4).Flatten(2).Transpose();
                var x = token.Expand("B, 1, 64").Cat(patches, axis: 1) + position;
                for (var i = 0; i < 2; i++) x = x + x.LayerNorm().Attention(4);
                return x.Slice(1, 0, 1).Squeeze(1).Linear(10);
            }
            """),
        new("spectral normalisation free wgan loss", """
            [Spec] static Sym Value([Shape("B")] Sym real, [Shape("B")] Sym fake) => fake.Mean() - real.Mean();
            """) { IsLoss = true },
        new("dice loss", """
            [Spec] static Sym Value([Shape("B, 1, H, W")] Sym logits, [Shape("B, 1, H, W")] Sym mask)
            {
                var p = logits.Sigmoid();
                var overlap = (p * mask).Sum((1, 2, 3));
                return 1 - ((2 * overlap + 1) / (p.Sum((1, 2, 3)) + mask.Sum((1, 2, 3)) + 1)).Mean();
            }
            """) { Dims = "B, H, W", IsLoss = true },
        new("triplet loss", """
            [Spec] static Sym Value([Shape("B, 64")] Sym anchor, [Shape("B, 64")] Sym positive, [Shape("B, 64")] Sym negative)
                => ((anchor - positive).Square().Sum(1) - (anchor - negative).Square().Sum(1) + 1).Relu().Mean();
            """) { IsLoss = true },
        new("q learning loss", """
            [Spec] static Sym Value([Shape("B, 4")] Sym q, [Shape("B, 4")] Sym chosen, [Shape("B")] Sym reward)
                => ((q * chosen).Sum(1) - reward).Square().Mean();
            """) { IsLoss = true },
        new("time distributed dense with two flexible dims", """
            [Spec] [return: Shape("B, T, V, 16")] static Sym Forward([Shape("B, T, V, 3")] Sym x) => x.Linear(16).Relu().LayerNorm();
            """) { Dims = "B, T, V" },
        new("same padded strided stem", """
            [Spec] [return: Shape("B, 32, (H+1)/2, (W+1)/2")] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.Conv2d(32, k: 3, stride: 2, same: true).BatchNorm().Silu();
            """) { Dims = "B, H, W" },
        new("anchors head reshape", """
            [Spec] [return: Shape("B, H*W*9, 5")] static Sym Forward([Shape("B, 256, H, W")] Sym x)
                => x.Conv2d(45, k: 3, pad: 1).Permute(0, 2, 3, 1).Reshape("B, H*W*9, 5");
            """) { Dims = "B, H, W" },
        new("nafnet simple gate", """
            [Spec] [return: Shape("B, 32, H, W")] static Sym Forward([Shape("B, 32, H, W")] Sym x)
            {
                var (a, b) = x.Conv2d(64, k: 1).Conv2d(64, k: 3, pad: 1, groups: 64).Chunk(2);
                var y = a * b;
                y = y * y.Mean((2, 3), keep: true).Conv2d(32, k: 1);
                return x + y.Conv2d(32, k: 1);
            }
            """) { Dims = "B, H, W" },
        new("perceiver cross attention with learned queries", """
            [Spec] [return: Shape("B, 16, 64")] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var latents = Sym.Parameter("1, 16, 64");
                return latents.Expand("B, 16, 64").Attention(4, context: x).LayerNorm();
            }
            """) { Dims = "B, T" },
        new("a variance clamped from below", """
            [Spec] static Sym Value([Shape("B")] Sym mean, [Shape("B")] Sym raw, [Shape("B")] Sym target) => mean.GaussianNll(raw.Clamp(min: 1e-4), target);
            """) { IsLoss = true },
        new("cross-entropy of one minus a probability", """
            [Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym target) => (1 - x.Sigmoid()).Bce(target);
            """) { IsLoss = true },
        new("cross-entropy of a product of probabilities", """
            [Spec] static Sym Value([Shape("B"), Probability] Sym x, [Shape("B"), Probability] Sym y, [Shape("B")] Sym target) => (x * y).Bce(target);
            """) { IsLoss = true },
        new("a padded and an unpadded pool of even sizes", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.Conv2d(3, k: 3, stride: 2, pad: 1) + x.AvgPool2d(2, ceil: true);
            """) { Dims = "B, H, W", Where = "H >= 2, W >= 2" },
        new("two pools of two are one of four", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.MaxPool2d(2).MaxPool2d(2) + x.MaxPool2d(4);
            """) { Dims = "B, H, W", Where = "H >= 4, W >= 4" },
        new("height twice the width", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x, [Shape("B, 3, W, W")] Sym y) => x.MaxPool2d((2, 1)).Cat(y);
            """) { Dims = "B, H, W", Where = "H == 2*W" },
        new("symmetrised square maps", """
            [Spec] static Sym Forward([Shape("B, 3, H, H")] Sym x) => x + x.MaxPool2d(2).Upsample(2).Transpose();
            """) { Dims = "B, H", Where = "H % 2 == 0" },
        new("softmax over the points of one set", """
            [Spec] static Sym Forward([Shape("N, 3")] Sym points) => (points.Linear(1).Softmax(0) * points.Linear(16)).Sum(0);
            """) { Dims = "N:spatial" },
        new("softmax over all pairs of a batch", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x) => x.MatMul(x.Transpose()).Softmax(0);
            """),
        new("examples weighed by a softmax of their errors", """
            [Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym target)
            {
                var error = (x - target).Square();
                return (error.Detach().Softmax() * error).Sum();
            }
            """) { IsLoss = true },
        new("tokens counted", """
            [Spec] [return: Shape("B Int64", "B")] static (Sym, Sym) Forward([Shape("B, T"), Int64] Sym tokens, [Shape("B, T"), Bool] Sym mask) => (tokens.MaskedSum(mask, 1), mask.Sum(1) / 2);
            """) { Dims = "B, T" },
        new("sizes that give one another: 2·L, then L + M, then L·N", """
            [Spec] [return: Shape("B, L, M", "L, N")] static (Sym, Sym) Forward([Shape("B, L + M")] Sym x, [Shape("B, 2*L")] Sym y, [Shape("L*N")] Sym z)
                => (x.Sum(1, keep: true).Unsqueeze(-1).Expand("B, L, M") + y.Sum(1, keep: true).Unsqueeze(-1), z.Reshape("L, N"));
            """) { Dims = "B, L, M, N", Attributes = "[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]\n" },
        new("a sum and a quotient of whose parts are not needed", """
            [Spec] [return: Shape("B, 2, L + M, 4", "B, H/4, 2, 4")] static (Sym, Sym) Forward([Shape("B, L + M, 8")] Sym x, [Shape("B, H/4, 8")] Sym y)
                => (x.Linear(8).Reshape("B, L + M, 2, 4").Permute(0, 2, 1, 3), y.Reshape("B, H/4, 2, 4"));
            """) { Dims = "B, L, M, H", Where = "H >= 4", Attributes = "[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]\n" },
        new("a size that a fact gives", """
            [Spec] [return: Shape("B, L, M")] static Sym Forward([Shape("B, 2*L*L")] Sym x, [Shape("B, L")] Sym y) => x.Reshape("B, L, M") + y.Unsqueeze(-1);
            """) { Dims = "B, L, M", Where = "M == 2*L" },
        new("fields pooled by windows that fit, fields joined, an invariant head", """
            [Spec] [return: Shape("B, 4")] static Sym Forward([Shape("B, 3, H, H")] Sym x)
            {
                var fields = x.Conv2d(3, k: 1).LiftConv2d(4, k: 3, Symmetry.C4, pad: 1).Relu().MaxPool2d(2);
                fields = fields.Cat(fields.GroupConv2d(2, k: 3, Symmetry.C4, pad: 1)).GroupBatchNorm(Symmetry.C4).Elu().AvgPool2d(3, stride: 1);
                return fields.GroupPool(Symmetry.C4).MeanPool2d().Linear(4);
            }
            """) { Dims = "B, H", Where = "B >= 2, H % 2 == 0, H >= 8" },
        new("fields of mirrors under long windows, and channels that are meant to be mixed", """
            [Spec] static Sym Forward([Shape("B, 1, 32, 64")] Sym x)
                => x.LiftConv2d(4, k: 3, Symmetry.D2, pad: 1).MaxPool2d((1, 2)).ReinterpretUnsafe().Conv2d(8, k: 3).MeanPool2d();
            """),
        new("a softmax over time of time-major features", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("T, B, 8")] Sym x) => (x * x.Linear(1).Softmax(0)).Sum(0);
            """) { Dims = "T:time, B:batch" },
        new("cross-entropy by hand of promised probabilities", """
            [Spec] static Sym Value([Shape("B"), Probability] Sym p, [Shape("B")] Sym t) => -(t * (p + 1e-8).Log() + (1 - t) * (1 - p).Log()).Mean();
            """) { IsLoss = true },
        new("places weighed by a softmax over them", """
            [Spec] static Sym Forward([Shape("B, T, 16")] Sym x) => (x.Linear(1).Softmax(1) * x).Sum(1);
            """) { Dims = "B, T" },
        new("a softmax over all places of a map", """
            [Spec] static Sym Forward([Shape("B, 16, H, W")] Sym x)
            {
                var weights = x.Conv2d(1, k: 1).Flatten(2).Softmax();
                return weights.MatMul(x.Flatten(2).Transpose()).Squeeze(1);
            }
            """) { Dims = "B, H, W" },
        new("a frame-wise softmax of a series, over its classes and over its frames", """
            [Spec] static Sym Forward([Shape("B, 16, T")] Sym x) => (x.Conv1d(4, k: 1).Softmax(1) * x.Conv1d(4, k: 1).Softmax()).Sum(2);
            """) { Dims = "B, T" },
        new("rows of a product of matrices, and all pairs of two sets", """
            [Spec] static (Sym, Sym) Forward([Shape("B, 16")] Sym x, [Shape("B, 16")] Sym y, [Shape("B, 16, 8")] Sym m)
                => (x.Unsqueeze(1).MatMul(m).Squeeze(1), x.MatMul(y.Transpose()));
            """),
        new("one basis for all examples", """
            [Spec] static Sym Forward([Shape("T, 16")] Sym basis, [Shape("B, 16, 8")] Sym x) => basis.MatMul(x);
            """) { Dims = "B, T" },
        new("pairs of examples that are meant", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x, [Shape("B, 16, 8")] Sym m) => x.MatMul(m.Broadcast());
            """),
        new("a variance, and distances to a learned centre", """
            [Spec] static Sym Value([Shape("B, 3")] Sym x, [Shape("B, 3")] Sym t, [Shape("1")] Sym margin)
                => (x - x.Mean(0, keep: true)).Square().Mean() + (x - t).Square().Mean() + (x - margin).Square().Mean();
            """) { IsLoss = true },
        new("kernels of all pairs", """
            [Spec] static Sym Value([Shape("B, 3")] Sym x, [Shape("M, 3")] Sym y) => (-(x.Unsqueeze(1) - y.Unsqueeze(0)).Square().Sum(2)).Exp().Mean();
            """) { Dims = "B, M", IsLoss = true },
        new("one target for all outputs, said so", """
            [Spec] static Sym Value([Shape("B, 3")] Sym x, [Shape("B, 1")] Sym t) => (x - t.Broadcast()).Square().Mean();
            """) { IsLoss = true },
        new("a weight for each example", """
            [Spec] static Sym Value([Shape("B, 3")] Sym x, [Shape("B, 3")] Sym t, [Shape("B, 1")] Sym w) => (w * (x - t).Square()).Mean();
            """) { IsLoss = true },
        new("a channel norm by permutation, a scale of each channel", """
            [Spec] static Sym Forward([Shape("B, 3, 32, 32")] Sym x)
            {
                var scale = Sym.Parameter("32, 1, 1", Init.Ones);
                return x.Conv2d(32, k: 3, pad: 1).Permute(0, 2, 3, 1).LayerNorm().Permute(0, 3, 1, 2) * scale;
            }
            """),
        new("features of the time at each place, length and channels alike", """
            [Spec] static Sym Forward([Shape("B, 8, 64")] Sym x, [Shape("B, 5")] Sym t) => x.Conv1d(64, k: 3, pad: 1) + t.Linear(64).Unsqueeze(-1);
            """),
        new("a spectrum of a linear map, refined by convolutions", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym z)
            {
                var y = z.Linear(128);
                return y + y.Unsqueeze(1).Conv1d(8, k: 3, pad: 1).Relu().Conv1d(1, k: 3, pad: 1).Squeeze(1);
            }
            """),
        new("tokens as many as their features, with a bias of the features", """
            [Spec] static Sym Forward([Shape("B, 64, 64")] Sym x)
            {
                var bias = Sym.Parameter("64");
                var position = Sym.Parameter("64, 1");
                return x.Linear(64) + bias + position;
            }
            """),
        new("a network that is as wide as its maps, electrodes over time, many channels of few pixels", """
            [Spec] static (Sym, Sym, Sym) Forward([Shape("B, 64, 64, 64")] Sym a, [Shape("B, 22, 1000, 1")] Sym b, [Shape("B, 512, 4, 4")] Sym c)
                => (a.Conv2d(8, k: 3), b.Conv2d(8, k: (9, 1)), c.Conv2d(8, k: 3));
            """),
        new("a channel for each row, said so", """
            [Spec] static Sym Forward([Shape("B, 44:channel, 44:spatial, 4:spatial")] Sym x) => x.Conv2d(44, k: 3, pad: 1).MeanPool2d();
            """),
        new("Runge-Kutta steps, of which the last needs no slope for the next", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var f = Layer.Linear(8);
                var slope = f.On(x).Tanh();
                for (var i = 0; i < 4; i++)
                {
                    x = x + 0.1 * (slope + f.On(x + 0.1 * slope).Tanh());
                    slope = f.On(x).Tanh();
                }
                return x;
            }
            """) { Attributes = "[Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble)]\n" },
        new("leapfrog: the last kick is not seen by the positions", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym q, [Shape("B, 8")] Sym p)
            {
                var force = Layer.Linear(8);
                for (var i = 0; i < 3; i++)
                {
                    q = q + 0.1 * p;
                    p = p + 0.1 * force.On(q).Tanh();
                }
                return q;
            }
            """),
        new("wavenet whose last block has a residual too", """
            [Spec] static Sym Forward([Shape("B, 1, T")] Sym wave)
            {
                var x = wave.Conv1d(8, k: 1);
                var skips = x.Conv1d(16, k: 1);
                for (var i = 0; i < 4; i++)
                {
                    var gate = x.Pad1d(1 << i).Conv1d(8, k: 2, dilation: 1 << i).Tanh();
                    skips = skips + gate.Conv1d(16, k: 1);
                    x = x + gate.Conv1d(8, k: 1);
                }
                return skips;
            }
            """) { Dims = "B, T" },
        new("a cell whose last state is not asked for", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var (h, c) = Cell(x, x);
                (h, c) = Cell(h, c);
                var (last, _) = Cell(h, c);
                return last;
            }
            [Block] static (Sym, Sym) Cell(Sym h, Sym c)
            {
                var g = h.Cat(c).Linear(8).Tanh();
                return (g * c, c + g.Sigmoid());
            }
            """),
        new("two networks with one inside both", "")
        {
            Whole = """
                using Hybrid;
                namespace Net;
                [Network(Dims = "B")] public partial class Outer
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x)
                        => Layer.Of(Inner.Forward).On(Layer.Of(Middle.Forward).On(x));
                }
                [Network(Dims = "B")] public partial class Middle
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => Layer.Of(Inner.Forward).On(x);
                }
                [Network(Dims = "B")] public partial class Inner
                {
                    [Spec] [return: Shape("B, 8")] internal static Sym Forward([Shape("B, 8")] Sym x) => x.Linear(8);
                }
                """,
        },
        new("time-major layers on time-major data, joined batches among it", """
            [Spec] static (Sym, Sym) Forward([Shape("T, B, N, 8")] Sym x)
                => (x.Reshape("T, B*N, 8").Attention(2, batchFirst: false), x.Mean(2).Lstm(16, batchFirst: false).sequence);
            """) { Dims = "T, B, N" },
        new("time-major data of other names", """
            [Spec] static Sym Forward([Shape("S, N, 8")] Sym x) => x.Lstm(16, batchFirst: false).sequence;
            """) { Dims = "S, N" },
        new("tokens of all frames as one sequence, series of all sensors as one batch", """
            [Spec] static (Sym, Sym) Forward([Shape("B, N, T, 8")] Sym x)
                => (x.Reshape("B, N*T, 8").Attention(2), x.Reshape("B*N, T, 8").Gru(16).last.Squeeze(0));
            """) { Dims = "B, N, T" },
        new("bands of examples in the order of a sequence", """
            [Spec] static Sym Forward([Shape("N, B, 8")] Sym x) => x.Gru(16).last.Squeeze(0);
            """) { Dims = "N, B" },
        new("weights over all places of an image without a batch", """
            [Spec] static Sym Forward([Shape("H, W, 8")] Sym x) => x.Reshape("H*W, 8").Softmax(0);
            """) { Dims = "H:spatial, W:spatial" },
        new("attention by hand over the keys, either way around", """
            [Spec] static (Sym, Sym) Forward([Shape("B, T, 8")] Sym x)
            {
                var (q, k, v) = (x.Linear(8), x.Linear(8), x.Linear(8));
                var rows = (q.MatMul(k.Transpose()) / 2.8).Softmax(2).Dropout(0.1);
                var columns = k.MatMul(q.Transpose()).Softmax(1);
                return (rows.MatMul(v), columns.Transpose().MatMul(v));
            }
            """) { Dims = "B, T" },
        new("linear attention, and slots that compete for the places", """
            [Spec] static (Sym, Sym) Forward([Shape("B, 7, 8")] Sym slots, [Shape("B, T, 8")] Sym x)
            {
                var (q, k, v) = (x.Linear(8).Softmax(), x.Linear(8).Softmax(1), x.Linear(8));
                var shares = slots.Linear(8).MatMul(x.Linear(8).Transpose()).Softmax(1) + 1e-8;
                return (q.MatMul(k.Transpose().MatMul(v)), (shares / shares.Sum(2, keep: true)).MatMul(v));
            }
            """) { Dims = "B, T" },
        new("a mean over time of time-major features, and the batch's own mean taken off", """
            [Spec] static (Sym, Sym) Forward([Shape("T, B, 8")] Sym x, [Shape("B, T, 8")] Sym y)
                => (x.Linear(16).Relu().Mean(0).Linear(3), y - y.Mean(0, keep: true));
            """) { Dims = "T, B" },
        new("a gradient penalty of whole images, and fields of vectors of length 1", """
            [Spec] static Sym Value([Shape("B, 3, 32, 32")] Sym gradient, [Shape("B, 3, 8, 8, 8")] Sym fieldGradient, [Shape("B, 3, 32, 32")] Sym normals)
            {
                var norm = (gradient.Flatten().Square().Sum(1) + 1e-12).Sqrt();
                var length = (fieldGradient.Square().Sum(1) + 1e-12).Sqrt();
                return (norm - 1).Square().Mean() + (length - 1).Square().Mean() + ((normals.Square().Sum(1) + 1e-12).Sqrt() - 1).Square().Mean();
            }
            """) { IsLoss = true },
        new("patches that divide, a pool of two on an odd size, windows that overlap", """
            [Spec] static (Sym, Sym, Sym) Forward([Shape("B, 3, 112, 96")] Sym x, [Shape("B, 3, 7, 7")] Sym y)
                => (x.Conv2d(64, k: 16, stride: 16), y.MaxPool2d(2), x.Conv2d(8, k: 7, stride: 4));
            """),
        new("EEGNet: a pool that loses one of 1001 times, frames of a series", """
            [Spec] static (Sym, Sym) Forward([Shape("B, 1, 22, 1000")] Sym x, [Shape("B, 1, 16100")] Sym wave)
                => (x.Conv2d(8, k: (1, 64), pad: (0, 32)).BatchNorm().Conv2d(16, k: (22, 1), groups: 8).Elu().AvgPool2d((1, 4)).Flatten().Linear(4),
                    wave.Conv1d(32, k: 400, stride: 400));
            """),
        new("gates and shifts of a vector for each channel, as many as there are times", """
            [Spec] static Sym Forward([Shape("B, 1, 64")] Sym x, [Shape("B, 3")] Sym c)
            {
                var (scale, shift) = c.Linear(128).Chunk(2);
                return x.Conv1d(64, k: 3, pad: 1) * scale.Unsqueeze(-1) + shift.Unsqueeze(-1);
            }
            """),
        new("an excitation of channels as many as pixels, a learned continuum of a spectrum", """
            [Spec] static (Sym, Sym) Forward([Shape("B, 64, 64, 64")] Sym x, [Shape("B, 1, 128")] Sym y)
            {
                var continuum = Sym.Parameter("128", Init.Ones);
                return (x * x.MeanPool2d().Linear(16).Relu().Linear(64).Sigmoid().Unsqueeze(-1).Unsqueeze(-1), y.Conv1d(16, k: 3, pad: 1) * continuum);
            }
            """),
        new("a χ² with shared errors, a Gaussian prior, a triplet", """
            [Spec] static Sym Value([Shape("B, 5")] Sym x, [Shape("B, 5")] Sym t, [Shape("5")] Sym mean, [Shape("5"), Positive] Sym sigma, [Shape("B, 5")] Sym n)
                => ((x - t) / sigma).Square().Mean() + ((x - mean) / sigma).Square().Mean()
                    + ((x - t).Square().Sum(1) - (x - n).Square().Sum(1) + 1).Relu().Mean();
            """) { IsLoss = true },
        new("one learned query that asks the whole sequence", """
            [Spec] static Sym Forward([Shape("B, T, 16")] Sym x)
            {
                var query = Sym.Parameter("1, 1, 16");
                return query.Expand("B, 1, 16").Attention(2, context: x).Squeeze(1).Linear(3);
            }
            """) { Dims = "B, T" },
    ];
}
