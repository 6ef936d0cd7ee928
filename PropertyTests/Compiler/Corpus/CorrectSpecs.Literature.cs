using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Models and losses of the literature, as a reader of their papers writes them in the language.</summary>
internal static partial class CorrectSpecs
{
    private static IReadOnlyList<FaultySpec> Literature =>
    [
        new("GPT block with learned positions and tied head", """
            const int Width = 128, Vocabulary = 1000;
            [Spec] [return: Shape("B, T, Vocabulary")] static Sym Forward([Shape("B, T"), Int64] Sym tokens)
            {
                var words = Sym.Parameter("Vocabulary, Width", Init.Normal(0.02), key: "wte");
                var places = Sym.Parameter("256, Width", Init.Normal(0.02), key: "wpe");
                var x = (words.Lookup(tokens) + places.Range(0, "0", "T")).Dropout(0.1);
                for (var i = 0; i < 4; i++) x = Transformer(x);
                return x.LayerNorm().MatMul(words.Transpose());
            }
            [Block] static Sym Transformer(Sym x)
            {
                x = x + x.LayerNorm().Attention(8, causal: true, dropout: 0.1).Dropout(0.1);
                return x + x.LayerNorm().Linear(4 * Width).Gelu().Linear(Width).Dropout(0.1);
            }
            """) { Dims = "B, T", Where = "T <= 256" },
        new("encoder-decoder transformer with a padding mask", """
            [Spec] [return: Shape("B, T, 100")] static Sym Forward([Shape("B, S, 64")] Sym source, [Shape("B, T, 64")] Sym target, [Shape("B, S"), Bool] Sym isWord)
            {
                var memory = source;
                for (var i = 0; i < 2; i++)
                {
                    memory = (memory + memory.Attention(4, mask: isWord.Unsqueeze(1).Expand("B, S, S"))).LayerNorm();
                    memory = (memory + memory.Linear(256).Relu().Linear(64)).LayerNorm();
                }
                var y = target;
                for (var i = 0; i < 2; i++)
                {
                    y = (y + y.Attention(4, causal: true)).LayerNorm();
                    y = (y + y.Attention(4, context: memory, mask: isWord.Unsqueeze(1).Expand("B, T, S"))).LayerNorm();
                    y = (y + y.Linear(256).Relu().Linear(64)).LayerNorm();
                }
                return y.Linear(100);
            }
            """) { Dims = "B, S, T" },
        new("attention masks of all shapes that broadcast", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("B, T"), Bool] Sym isWord, [Shape("T, T"), Bool] Sym band)
            {
                x = x + x.Attention(4, mask: isWord.Unsqueeze(1));
                x = x + x.Attention(4, mask: band);
                x = x + x.Attention(4, mask: isWord.Unsqueeze(1).Unsqueeze(1));
                return x + x.Attention(4, mask: isWord.Unsqueeze(1).Unsqueeze(1).Expand("B, 4, T, T"));
            }
            """) { Dims = "B, T" },
        new("multi-head attention written out with a causal mask of positions", """
            [Spec] [return: Shape("B, T, 64")] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("T")] Sym position)
            {
                var (q, k, v) = x.Linear(192).Chunk(3, axis: -1);
                q = q.Reshape("B, T, 4, 16").Transpose(1, 2);
                k = k.Reshape("B, T, 4, 16").Transpose(1, 2);
                v = v.Reshape("B, T, 4, 16").Transpose(1, 2);
                var past = position.Unsqueeze(0) <= position.Unsqueeze(1);
                var scores = q.MatMul(k.Transpose()) / System.Math.Sqrt(16);
                var weights = Sym.Where(past, scores, -1e9).Softmax().Dropout(0.1);
                return weights.MatMul(v).Transpose(1, 2).Reshape("B, T, 64").Linear(64);
            }
            """) { Dims = "B, T" },
        new("Perceiver with a latent array", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, N, 32")] Sym bytes)
            {
                var latent = Sym.Parameter("16, 64", Init.Normal(0.02));
                var z = latent.Unsqueeze(0).Expand("B, 16, 64");
                var keys = bytes.LayerNorm().Linear(64);
                for (var i = 0; i < 3; i++)
                {
                    z = z + z.LayerNorm().Attention(1, context: keys);
                    z = z + z.LayerNorm().Linear(128).Gelu().Linear(64);
                    z = z + z.LayerNorm().Attention(8);
                    z = z + z.LayerNorm().Linear(128).Gelu().Linear(64);
                }
                return z.Mean(1).LayerNorm().Linear(10);
            }
            """) { Dims = "B, N" },
        new("Swin window attention with relative position bias", """
            [Spec] [return: Shape("B, H, W, 96")] static Sym Forward([Shape("B, H, W, 96")] Sym x)
            {
                var bias = Sym.Parameter("3, 49, 49", Init.Normal(0.02));
                var windows = x.LayerNorm().Reshape("B, H/7, 7, W/7, 7, 96").Permute(0, 1, 3, 2, 4, 5).Reshape("B*(H/7)*(W/7), 49, 96");
                var (q, k, v) = windows.Linear(288).Reshape("B*(H/7)*(W/7), 49, 3, 3, 32").Permute(2, 0, 3, 1, 4).Unbind(0);
                var weights = (q.MatMul(k.Transpose()) * 0.17678 + bias).Softmax();
                var y = weights.MatMul(v).Transpose(1, 2).Reshape("B*(H/7)*(W/7), 49, 96").Linear(96);
                y = y.Reshape("B, H/7, W/7, 7, 7, 96").Permute(0, 1, 3, 2, 4, 5).Reshape("B, H, W, 96");
                x = x + y;
                return x + x.LayerNorm().Linear(384).Gelu().Linear(96);
            }
            """) { Dims = "B, H, W", Where = "H % 7 == 0, W % 7 == 0" },
        new("ConvNeXt with layer scale and stochastic depth", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, H, W")] Sym image)
            {
                var x = Norm(image.Conv2d(48, k: 4, stride: 4));
                for (var i = 0; i < 2; i++) x = Piece(x, 48, 0.1 * i);
                x = Norm(x).Conv2d(96, k: 2, stride: 2);
                for (var i = 0; i < 2; i++) x = Piece(x, 96, 0.1);
                return x.MeanPool2d().LayerNorm().Linear(10);
            }
            [Block] static Sym Norm(Sym x) => x.Permute(0, 2, 3, 1).LayerNorm().Permute(0, 3, 1, 2);
            [Block] static Sym Piece(Sym x, int channels, double drop)
            {
                var y = x.Conv2d(channels, k: 7, pad: 3, groups: channels).Permute(0, 2, 3, 1).LayerNorm();
                y = y.Linear(4 * channels).Gelu().Linear(channels);
                var scale = Sym.Parameter($"{channels}", Init.Constant(1e-6));
                return x + (y * scale).Permute(0, 3, 1, 2).DropPath(drop);
            }
            """) { Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0" },
        new("MobileNet inverted residuals", """
            static readonly int[] Channels = [16, 24, 24, 32], Strides = [1, 2, 1, 2];
            [Spec] [return: Shape("B, 100")] static Sym Forward([Shape("B, 3, H, W")] Sym image)
            {
                var x = image.Conv2d(32, k: 3, stride: 2, pad: 1, bias: false).BatchNorm().Clamp(0, 6);
                var inside = 32;
                for (var i = 0; i < Channels.Length; i++)
                {
                    x = Inverted(x, inside, Channels[i], Strides[i]);
                    inside = Channels[i];
                }
                return x.Conv2d(128, k: 1).BatchNorm().Silu().MeanPool2d().Dropout(0.2).Linear(100);
            }
            [Block] static Sym Inverted(Sym x, int inside, int outside, int stride)
            {
                var y = x.Conv2d(6 * inside, k: 1, bias: false).BatchNorm().Clamp(0, 6)
                    .Conv2d(6 * inside, k: 3, stride: stride, pad: 1, groups: 6 * inside, bias: false).BatchNorm().Clamp(0, 6);
                y = y.SqueezeExcite(inside, silu: true).Conv2d(outside, k: 1, bias: false).BatchNorm();
                return stride == 1 && inside == outside ? x + y : y;
            }
            """) { Dims = "B, H, W", Where = "H >= 32, W >= 32" },
        new("U-Net of three levels by lists", """
            [Spec] [return: Shape("B, 2, H, W")] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var skips = new System.Collections.Generic.List<Sym>();
                for (var i = 0; i < 3; i++)
                {
                    x = Twice(x, 16 << i);
                    skips.Add(x);
                    x = x.MaxPool2d(2);
                }
                x = Twice(x, 128);
                skips.Reverse();
                for (var i = 0; i < 3; i++) x = Twice(x.ConvTranspose2d(64 >> i, k: 2, stride: 2).Cat(skips[i]), 64 >> i);
                return x.Conv2d(2, k: 1);
            }
            [Block] static Sym Twice(Sym x, int channels)
                => x.Conv2d(channels, k: 3, pad: 1).BatchNorm().Relu().Conv2d(channels, k: 3, pad: 1).BatchNorm().Relu();
            """) { Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0" },
        new("U-Net of series", """
            [Spec] [return: Shape("B, 1, L")] static Sym Forward([Shape("B, 1, L")] Sym x)
            {
                var a = x.Conv1d(16, k: 5, pad: 2).Relu();
                var b = a.MaxPool1d(2).Conv1d(32, k: 5, pad: 2).Relu();
                var c = b.MaxPool1d(2).Conv1d(64, k: 5, pad: 2).Relu();
                var d = c.Upsample1d(2).Conv1d(32, k: 3, pad: 1).Cat(b).Conv1d(32, k: 5, pad: 2).Relu();
                return d.ConvTranspose1d(16, k: 2, stride: 2).Cat(a).Conv1d(16, k: 5, pad: 2).Relu().Conv1d(1, k: 1);
            }
            """) { Dims = "B, L", Where = "L % 4 == 0" },
        new("U-Net of volumes", """
            [Spec] [return: Shape("B, 3, D, H, W")] static Sym Forward([Shape("B, 1, D, H, W")] Sym x)
            {
                var a = x.Conv3d(8, k: 3, pad: 1).GroupNorm(4).Silu();
                var b = a.Conv3d(16, k: 3, stride: 2, pad: 1).GroupNorm(4).Silu();
                var c = b.Conv3d(32, k: 3, stride: 2, pad: 1).GroupNorm(4).Silu();
                var d = c.ConvTranspose3d(16, k: 2, stride: 2).Cat(b).Conv3d(16, k: 3, pad: 1).Silu();
                return d.Upsample3d(2, trilinear: true).Cat(a).Conv3d(8, k: 3, pad: 1).Silu().Conv3d(3, k: 1);
            }
            """) { Dims = "B, D, H, W", Where = "D % 4 == 0, H % 4 == 0, W % 4 == 0" },
        new("WaveNet with gated units", """
            [Spec] [return: Shape("B, 256, L")] static Sym Forward([Shape("B, L"), Int64] Sym samples)
            {
                var x = samples.Embedding(256, 32).Transpose();
                var skips = new System.Collections.Generic.List<Sym>();
                for (var i = 0; i < 6; i++)
                {
                    var dilation = 1 << i;
                    var padded = x.Pad1d(dilation);
                    var filter = padded.Conv1d(32, k: 2, dilation: dilation).Tanh();
                    var gate = padded.Conv1d(32, k: 2, dilation: dilation).Sigmoid();
                    var unit = filter * gate;
                    skips.Add(unit.Conv1d(64, k: 1));
                    x = x + unit.Conv1d(32, k: 1);
                }
                var sum = skips[0];
                for (var i = 1; i < skips.Count; i++) sum = sum + skips[i];
                return sum.Relu().Conv1d(64, k: 1).Relu().Conv1d(256, k: 1);
            }
            """) { Dims = "B, L" },
        new("TCN of dilated causal convolutions", """
            [Spec] [return: Shape("B, 4")] static Sym Forward([Shape("B, 6, L")] Sym x)
            {
                var width = 6;
                foreach (var next in new[] { 16, 16, 32 })
                {
                    var d = next / 16;
                    var y = x.Pad1d(2 * d).Conv1d(next, k: 3, dilation: d).Relu().Dropout(0.2).Pad1d(2 * d).Conv1d(next, k: 3, dilation: d).Relu().Dropout(0.2);
                    x = (y + (width == next ? x : x.Conv1d(next, k: 1))).Relu();
                    width = next;
                }
                return x[.., .., -1].Linear(4);
            }
            """) { Dims = "B, L" },
        new("VAE of images", """
            [Spec] [return: Shape("B, 1, 28, 28", "B, 16", "B, 16")] static (Sym logits, Sym mean, Sym logVariance) Forward([Shape("B, 1, 28, 28")] Sym image)
            {
                var h = image.Conv2d(32, k: 4, stride: 2, pad: 1).Relu().Conv2d(64, k: 4, stride: 2, pad: 1).Relu().Flatten();
                var mean = h.Linear(16);
                var logVariance = h.Linear(16);
                var z = mean + (0.5 * logVariance).Exp() * Sym.Normal(mean);
                var y = z.Linear(64 * 7 * 7).Relu().Reshape("B, 64, 7, 7");
                var logits = y.ConvTranspose2d(32, k: 4, stride: 2, pad: 1).Relu().ConvTranspose2d(1, k: 4, stride: 2, pad: 1);
                return (logits, mean, logVariance);
            }
            """),
        new("β-VAE's objective", """
            [Spec] static Sym Value([Shape("B, 1, 28, 28")] Sym logits, [Shape("B, 1, 28, 28"), Probability] Sym image, [Shape("B, 16")] Sym mean, [Shape("B, 16")] Sym logVariance)
            {
                var reconstruction = logits.BceWithLogits(image) * (28 * 28);
                var kl = -0.5 * (1 + logVariance - mean.Square() - logVariance.Exp()).Sum(1).Mean();
                return reconstruction + 4 * kl;
            }
            """) { IsLoss = true },
        new("VQ-VAE with straight-through codes", """
            [Spec] static (Sym image, Sym z, Sym code) Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var codebook = Sym.Parameter("64, 16", Init.Normal(1));
                var z = image.Conv2d(32, k: 4, stride: 2, pad: 1).Relu().Conv2d(16, k: 4, stride: 2, pad: 1).Permute(0, 2, 3, 1).Reshape("B*64, 16");
                var distance = z.Square().Sum(1, keep: true) - 2 * z.MatMul(codebook.Transpose()) + codebook.Square().Sum(1);
                var code = codebook.Lookup(distance.ArgMin());
                var quantised = z + (code - z).Detach();
                var y = quantised.Reshape("B, 8, 8, 16").Permute(0, 3, 1, 2).ConvTranspose2d(32, k: 4, stride: 2, pad: 1).Relu().ConvTranspose2d(3, k: 4, stride: 2, pad: 1);
                return (y, z, code);
            }
            """),
        new("VQ-VAE's objective", """
            [Spec] static Sym Value([Shape("B, 3, 32, 32")] Sym image, [Shape("B, 3, 32, 32")] Sym output, [Shape("B*64, 16")] Sym z, [Shape("B*64, 16")] Sym code)
                => output.Mse(image) + code.Mse(z.Detach()) + 0.25 * z.Mse(code.Detach());
            """) { IsLoss = true },
        new("WGAN-GP objective", """
            [Spec] static Sym Value([Shape("B")] Sym real, [Shape("B")] Sym fake, [Shape("B, 3, 32, 32")] Sym gradient)
            {
                var norm = (gradient.Flatten().Square().Sum(1) + 1e-12).Sqrt();
                return fake.Mean() - real.Mean() + 10 * (norm - 1).Square().Mean();
            }
            """) { IsLoss = true },
        new("RealNVP of alternating couplings with its log-likelihood", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var (a, b) = x.Chunk(2);
                var logDet = x.Sum(1) * 0;
                for (var i = 0; i < 4; i++)
                {
                    var h = a.Linear(64).Relu().Linear(64).Relu();
                    var s = h.Linear(2).Tanh();
                    b = b * s.Exp() + h.Linear(2);
                    logDet = logDet + s.Sum(1);
                    (a, b) = (b, a);
                }
                var z = a.Cat(b);
                return logDet - z.Square().Sum(1) / 2 - 2 * System.Math.Log(2 * System.Math.PI);
            }
            """),
        new("a Runge-Kutta step of a neural ODE", """
            [Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, 3")] Sym state, [Shape("B")] Sym step)
            {
                var first = Layer.Linear(32, key: "first");
                var second = Layer.Linear(3, key: "second");
                var h = step.Unsqueeze(1);
                var k1 = second.On(first.On(state).Tanh());
                var k2 = second.On(first.On(state + h * k1 / 2).Tanh());
                var k3 = second.On(first.On(state + h * k2 / 2).Tanh());
                var k4 = second.On(first.On(state + h * k3).Tanh());
                return state + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6;
            }
            """),
        new("Kalman update with learned matrices", """
            [Spec] [return: Shape("B, 4", "B, 4, 4")] static (Sym mean, Sym covariance) Forward([Shape("B, 4")] Sym mean, [Shape("B, 4, 4")] Sym covariance, [Shape("B, 2")] Sym observed)
            {
                var h = Sym.Parameter("2, 4");
                var root = Sym.Parameter("2, 2");
                var noise = root.MatMul(root.Transpose()).AddDiagonal(1e-4);
                var innovation = observed - mean.MatMul(h.Transpose());
                var s = h.MatMul(covariance).MatMul(h.Transpose()) + noise;
                var gain = covariance.MatMul(h.Transpose()).MatMul(s.Inverse());
                var moved = mean + gain.MatMul(innovation.Unsqueeze(-1)).Squeeze(-1);
                return (moved, covariance - gain.MatMul(h).MatMul(covariance));
            }
            """),
        new("Siamese network of signatures", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, 1, 64, 64")] Sym left, [Shape("B, 1, 64, 64")] Sym right)
            {
                var stem = Layer.Conv2d(16, k: 5, stride: 2);
                var second = Layer.Conv2d(32, k: 3, stride: 2);
                var head = Layer.Linear(64);
                var a = head.On(second.On(stem.On(left).Relu()).Relu().MeanPool2d());
                var b = head.On(second.On(stem.On(right).Relu()).Relu().MeanPool2d());
                return (a - b).Abs().Linear(1).Squeeze(1);
            }
            """),
        new("triplet margin loss", """
            [Spec] static Sym Value([Shape("B, 64")] Sym anchor, [Shape("B, 64")] Sym positive, [Shape("B, 64")] Sym negative)
            {
                var near = ((anchor - positive).Square().Sum(1) + 1e-12).Sqrt();
                var far = ((anchor - negative).Square().Sum(1) + 1e-12).Sqrt();
                return (near - far + 1).Relu().Mean();
            }
            """) { IsLoss = true },
        new("SimCLR's NT-Xent without the diagonal", """
            [Spec] static Sym Value([Shape("B, 64")] Sym first, [Shape("B, 64")] Sym second, [Shape("2*B"), Int64] Sym partner, [Shape("2*B, 2*B"), Bool] Sym isItself)
            {
                var z = first.Cat(second, axis: 0).Normalize();
                var similarity = z.MatMul(z.Transpose()) / 0.5;
                return Sym.Where(isItself, -1e9, similarity).CrossEntropy(partner);
            }
            """) { Where = "B >= 2", IsLoss = true },
        new("CLIP with a learned temperature", """
            [Spec] [return: Shape("B, B")] static Sym Forward([Shape("B, 512")] Sym image, [Shape("B, 300")] Sym text)
            {
                var scale = Sym.Parameter("1", Init.Constant(2.66));
                var i = image.Linear(128, bias: false).Normalize();
                var t = text.Linear(128, bias: false).Normalize();
                return i.MatMul(t.Transpose()) * scale.Exp();
            }
            """),
        new("CLIP's symmetric loss", """
            [Spec] static Sym Value([Shape("B, B")] Sym logits, [Shape("B"), Int64] Sym diagonal)
                => (logits.CrossEntropy(diagonal) + logits.Transpose().CrossEntropy(diagonal)) / 2;
            """) { IsLoss = true },
        new("BYOL's predictor and its target", """
            [Spec] static Sym Value([Shape("B, 128")] Sym prediction, [Shape("B, 128")] Sym target)
                => (2 - 2 * (prediction.Normalize() * target.Detach().Normalize()).Sum(1)).Mean();
            """) { IsLoss = true },
        new("Barlow twins", """
            [Spec] static Sym Value([Shape("B, 64")] Sym a, [Shape("B, 64")] Sym b, [Shape("64, 64")] Sym identity)
            {
                var x = (a - a.Mean(0)) / (a.Var(0) + 1e-6).Sqrt();
                var y = (b - b.Mean(0)) / (b.Var(0) + 1e-6).Sqrt();
                var c = (x / 256.0).Transpose().MatMul(y);
                var off = (c - identity).Square();
                return (off * identity).Sum() + 0.005 * (off * (1 - identity)).Sum();
            }
            """) { Where = "B >= 2", IsLoss = true },
        new("DeepSets of masked galaxies", """
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, N, 5")] Sym galaxies, [Shape("B, N"), Bool] Sym isThere)
            {
                var h = galaxies.Linear(64).Relu().Linear(64).Relu();
                var pooled = h.MaskedSum(isThere.Unsqueeze(-1), 1).Cat(h.MaskedMean(isThere.Unsqueeze(-1), 1));
                return pooled.Linear(64).Relu().Linear(2);
            }
            """) { Dims = "B, N" },
        new("set transformer with induced points and pooling by attention", """
            [Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, N, 4")] Sym set)
            {
                var x = set.Linear(64);
                for (var i = 0; i < 2; i++)
                {
                    var points = Sym.Parameter("8, 64", key: $"points_{i}").Unsqueeze(0).Expand("B, 8, 64");
                    x = Mab(x, Mab(points, x));
                }
                var seed = Sym.Parameter("1, 1, 64").Expand("B, 1, 64");
                return Mab(seed, x).Squeeze(1).Linear(3);
            }
            [Block] static Sym Mab(Sym x, Sym y)
            {
                var h = (x + x.Attention(4, context: y)).LayerNorm();
                return (h + h.Linear(64).Relu()).LayerNorm();
            }
            """) { Dims = "B, N" },
        new("graph network by a dense adjacency, symmetrically normalised", """
            [Spec] [return: Shape("N, 7")] static Sym Forward([Shape("N, 32")] Sym nodes, [Shape("N, N")] Sym adjacency)
            {
                var a = adjacency.AddDiagonal(1);
                var d = (a.Sum(1) + 1e-9).Pow(-0.5);
                var walk = d.Unsqueeze(1) * a * d.Unsqueeze(0);
                var h = walk.MatMul(nodes.Linear(16, bias: false)).Relu().Dropout(0.5);
                return walk.MatMul(h.Linear(7, bias: false));
            }
            """) { Dims = "N" },
        new("graph attention with dense masks", """
            [Spec] [return: Shape("B, N, 16")] static Sym Forward([Shape("B, N, 8")] Sym nodes, [Shape("B, N, N"), Bool] Sym isEdge)
            {
                var h = nodes.Linear(16, bias: false);
                var score = (h.Linear(1) + h.Linear(1, bias: false).Transpose()).LeakyRelu(0.2);
                var weights = Sym.Where(isEdge, score, -1e9).Softmax();
                return weights.MatMul(h).Elu();
            }
            """) { Dims = "B, N" },
        new("message passing with edge features", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, N, 8")] Sym nodes, [Shape("B, N, N, 4")] Sym edges)
            {
                var h = nodes.Linear(32);
                for (var i = 0; i < 2; i++)
                {
                    var from = h.Unsqueeze(1).Expand("B, N, N, 32");
                    var to = h.Unsqueeze(2).Expand("B, N, N, 32");
                    var message = to.Cat(from, edges, axis: -1).Linear(32).Silu();
                    h = h + h.Cat(message.Sum(2), axis: -1).Linear(32).Silu();
                }
                return h.Linear(1).Squeeze(-1).Sum(1);
            }
            """) { Dims = "B, N" },
        new("PointNet with a spatial transformer", """
            [Spec] [return: Shape("B, 40")] static Sym Forward([Shape("B, N, 3")] Sym points)
            {
                var t = points.Transpose().Conv1d(64, k: 1).BatchNorm().Relu().Conv1d(256, k: 1).BatchNorm().Relu().Max(2);
                var transform = t.Linear(64).Relu().Linear(9).Reshape("B, 3, 3").AddDiagonal(1);
                var aligned = points.MatMul(transform);
                var h = aligned.Transpose().Conv1d(64, k: 1).BatchNorm().Relu().Conv1d(1024, k: 1).BatchNorm().Relu();
                return h.Max(2).Linear(256).BatchNorm().Relu().Dropout(0.3).Linear(40);
            }
            """) { Dims = "B, N", Where = "B >= 2" },
        new("NeRF with positional encoding", """
            static readonly double[] Frequencies = [1, 2, 4, 8, 16, 32];
            [Spec] [return: Shape("R, P, 3", "R, P")] static (Sym colour, Sym density) Forward([Shape("R, P, 3")] Sym x, [Shape("R, 3")] Sym direction)
            {
                var encoded = x;
                foreach (var f in Frequencies) encoded = encoded.Cat((f * x).Sin(), (f * x).Cos(), axis: -1);
                var h = encoded;
                for (var i = 0; i < 4; i++) h = h.Linear(128).Relu();
                h = h.Cat(encoded, axis: -1);
                for (var i = 0; i < 3; i++) h = h.Linear(128).Relu();
                var density = h.Linear(1).Squeeze(-1).Softplus();
                var view = direction.Unsqueeze(1).Expand("R, P, 3");
                return (h.Linear(128).Cat(view, axis: -1).Linear(64).Relu().Linear(3).Sigmoid(), density);
            }
            """) { Dims = "R, P" },
        new("volume rendering along rays", """
            [Spec] [return: Shape("R, 3")] static Sym Forward([Shape("R, P, 3")] Sym colour, [Shape("R, P"), Positive] Sym density, [Shape("R, P"), Positive] Sym length)
            {
                var depth = density * length;
                var before = depth.CumSum(1) - depth;
                var weight = (-before).Exp() * (1 - (-depth).Exp());
                return (weight.Unsqueeze(-1) * colour).Sum(1);
            }
            """) { Dims = "R, P" },
        new("SIREN", """
            [Spec] [return: Shape("N, 1")] static Sym Forward([Shape("N, 2")] Sym place)
            {
                var h = (30 * place.Linear(64, weightInit: Init.Uniform(0.5))).Sin();
                for (var i = 0; i < 3; i++) h = (30 * h.Linear(64, weightInit: Init.Uniform(0.01))).Sin();
                return h.Linear(1);
            }
            """) { Dims = "N" },
        new("FiLM-conditioned residual blocks", """
            [Spec] [return: Shape("B, 5")] static Sym Forward([Shape("B, 3, H, W")] Sym image, [Shape("B, 16")] Sym question)
            {
                var x = image.Conv2d(32, k: 3, pad: 1).Relu();
                for (var i = 0; i < 3; i++)
                {
                    var (gamma, beta) = question.Linear(64).Chunk(2);
                    var y = x.Conv2d(32, k: 3, pad: 1).GroupNorm(8) * (1 + gamma.Unsqueeze(-1).Unsqueeze(-1)) + beta.Reshape("B, 32, 1, 1");
                    x = x + y.Relu();
                }
                return x.MeanPool2d().Linear(5);
            }
            """) { Dims = "B, H, W" },
        new("hypernetwork that writes a layer for each example", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, 16")] Sym x, [Shape("B, 4")] Sym task)
            {
                var code = task.Linear(64).Relu();
                var weight = code.Linear(16 * 32).Reshape("B, 16, 32") / 4;
                var bias = code.Linear(32);
                var h = (x.Unsqueeze(1).MatMul(weight).Squeeze(1) + bias).Relu();
                return h.Linear(8);
            }
            """),
        new("mixture of experts with dense gates", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var gates = x.Linear(4).Softmax();
                var sum = gates.Slice(1, 0, 1) * x.Linear(32).Relu().Linear(8);
                for (var i = 1; i < 4; i++) sum = sum + gates.Slice(1, i, 1) * x.Linear(32).Relu().Linear(8);
                return sum;
            }
            """),
        new("mixture of experts by one wide layer", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var gates = x.Linear(4).Softmax(-1);
                var experts = x.Linear(4 * 8).Reshape("B, 4, 8");
                return Sym.Einsum("b e, b e d -> b d", gates, experts);
            }
            """),
        new("seq2seq with Luong attention", """
            [Spec] [return: Shape("B, T, 1000")] static Sym Forward([Shape("B, S"), Int64] Sym source, [Shape("B, T"), Int64] Sym shifted, [Shape("B, S"), Bool] Sym isWord)
            {
                var encoded = source.Embedding(1000, 64).Lstm(128, layers: 2);
                var decoded = shifted.Embedding(1000, 64).Lstm(128, layers: 2, state: encoded.last, cell: encoded.cell).sequence;
                var scores = decoded.Linear(128, bias: false).MatMul(encoded.sequence.Transpose());
                var weights = Sym.Where(isWord.Unsqueeze(1), scores, -1e9).Softmax();
                var context = weights.MatMul(encoded.sequence);
                return decoded.Cat(context, axis: -1).Linear(128).Tanh().Linear(1000);
            }
            """) { Dims = "B, S, T" },
        new("Bahdanau attention for one step", """
            [Spec] [return: Shape("B, 64")] static Sym Forward([Shape("B, 32")] Sym state, [Shape("B, S, 64")] Sym encoded)
            {
                var energy = (state.Linear(48).Unsqueeze(1) + encoded.Linear(48, bias: false)).Tanh().Linear(1, bias: false);
                var weights = energy.Softmax(1);
                return (weights * encoded).Sum(1);
            }
            """) { Dims = "B, S" },
        new("GRU classifier with lengths", """
            [Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, T"), Int64] Sym words, [Shape("B"), Int64] Sym lengths)
            {
                var states = words.Embedding(5000, 100).Dropout(0.3).Gru(64, lengths: lengths, bidirectional: true);
                var (forward, backward) = states.last.Unbind(0);
                return forward.Cat(backward).Dropout(0.3).Linear(3);
            }
            """) { Dims = "B, T" },
        new("speech encoder of strided convolutions and transformers", """
            [Spec] [return: Shape("B, (T + 3) / 4, 30")] static Sym Forward([Shape("B, T, 80")] Sym spectrogram)
            {
                var x = spectrogram.Transpose().Conv1d(128, k: 3, stride: 2, pad: 1).Gelu().Conv1d(128, k: 3, stride: 2, pad: 1).Gelu().Transpose();
                for (var i = 0; i < 2; i++)
                {
                    x = x + x.LayerNorm().Linear(512).Silu().Dropout(0.1).Linear(128) / 2;
                    x = x + x.LayerNorm().Attention(4);
                    var (a, b) = x.LayerNorm().Transpose().Conv1d(256, k: 1).Chunk(2);
                    x = x + (a * b.Sigmoid()).Conv1d(128, k: 31, pad: 15, groups: 128).BatchNorm().Silu().Conv1d(128, k: 1).Transpose();
                    x = x + x.LayerNorm().Linear(512).Silu().Dropout(0.1).Linear(128) / 2;
                }
                return x.LayerNorm().Linear(30).LogSoftmax();
            }
            """) { Dims = "B, T", Where = "T >= 8" },
        new("BiLSTM tagger with characters", """
            [Spec] [return: Shape("B, T, 9")] static Sym Forward([Shape("B, T"), Int64] Sym words, [Shape("B, T, 12"), Int64] Sym characters)
            {
                var letters = characters.Embedding(80, 16).Reshape("B*T, 12, 16").Transpose().Conv1d(32, k: 3, pad: 1).Relu().Max(2).Reshape("B, T, 32");
                var x = words.Embedding(10000, 100).Cat(letters, axis: 2).Dropout(0.5);
                return x.Lstm(100, bidirectional: true).sequence.Dropout(0.5).Linear(9);
            }
            """) { Dims = "B, T" },
        new("tagger's loss with padding", """
            [Spec] static Sym Value([Shape("B, T, 9")] Sym logits, [Shape("B, T"), Int64] Sym tags)
                => logits.Reshape("B*T, 9").CrossEntropy(tags.Reshape("B*T"), ignoreIndex: -100);
            """) { Dims = "B, T", IsLoss = true },
        new("mixture density network", """
            [Spec] [return: Shape("B, 5", "B, 5, 2", "B, 5, 2")] static (Sym logWeight, Sym mean, Sym scale) Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(64).Tanh().Linear(64).Tanh();
                return (h.Linear(5).LogSoftmax(), h.Linear(10).Reshape("B, 5, 2"), h.Linear(10).Reshape("B, 5, 2").Softplus() + 1e-3);
            }
            """),
        new("mixture density's likelihood", """
            [Spec] static Sym Value([Shape("B, 5")] Sym logWeight, [Shape("B, 5, 2")] Sym mean, [Shape("B, 5, 2"), Positive] Sym scale, [Shape("B, 2")] Sym target)
            {
                var z = (target.Unsqueeze(1) - mean) / scale;
                var logp = -(z.Square() / 2 + scale.Log()).Sum(2) - System.Math.Log(2 * System.Math.PI);
                return -(logWeight + logp).LogSumExp(1).Mean();
            }
            """) { IsLoss = true },
        new("β-NLL", """
            [Spec] static Sym Value([Shape("B")] Sym mean, [Shape("B"), Positive] Sym variance, [Shape("B")] Sym target)
                => (variance.Detach().Sqrt() * (variance.Log() + (target - mean).Square() / variance) / 2).Mean();
            """) { IsLoss = true },
        new("focal loss of many classes", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label, [Shape("10")] Sym alpha)
            {
                var logp = logits.LogSoftmax().Gather(label.Unsqueeze(1), 1).Squeeze(1);
                var p = logp.Exp();
                return -(alpha.Lookup(label) * (1 - p).Square() * logp).Mean();
            }
            """) { IsLoss = true },
        new("binary focal loss of maps", """
            [Spec] static Sym Value([Shape("B, 1, H, W")] Sym logits, [Shape("B, 1, H, W"), Probability] Sym target)
            {
                var p = logits.Sigmoid();
                var pt = p * target + (1 - p) * (1 - target);
                return -((1 - pt).Pow(2) * pt.Clamp(1e-8, 1).Log()).Mean();
            }
            """) { Dims = "B, H, W", IsLoss = true },
        new("dice loss by class", """
            [Spec] static Sym Value([Shape("B, 4, H, W")] Sym logits, [Shape("B, H, W"), Int64] Sym label)
            {
                var p = logits.Softmax(1);
                var t = label.OneHot(4).Permute(0, 3, 1, 2);
                var overlap = (p * t).Sum((2, 3));
                var total = p.Sum((2, 3)) + t.Sum((2, 3));
                return 1 - ((2 * overlap + 1) / (total + 1)).Mean();
            }
            """) { Dims = "B, H, W", IsLoss = true },
        new("IMNN's summary of fields with its covariance", """
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, 1, 64, 64")] Sym field)
            {
                var x = field;
                for (var i = 0; i < 4; i++) x = x.Pad(1, mode: Padding.Circular).Conv2d(8 << i, k: 3).LeakyRelu(0.1).AvgPool2d(2);
                return x.Flatten().Linear(2);
            }
            """) { Where = "B >= 3" },
        new("Fisher information as a loss", """
            [Spec] static Sym Value([Shape("N, 2")] Sym summaries, [Shape("N, 2, 2")] Sym derivatives)
            {
                var c = summaries.Cov();
                var mean = derivatives.Mean(0);
                var fisher = mean.MatMul(c.Inverse()).MatMul(mean.Transpose());
                return -fisher.LogDet() + (c.AddDiagonal(-1)).Frobenius();
            }
            """) { Dims = "N", Where = "N >= 4", IsLoss = true },
        new("physics-informed network with a periodic embedding", """
            [Spec] [return: Shape("N, 1")] static Sym Forward([Shape("N, 1")] Sym t, [Shape("N, 1")] Sym x)
            {
                var h = t.Cat((3.14159 * x).Sin(), (3.14159 * x).Cos());
                for (var i = 0; i < 4; i++) h = h.Linear(64).Tanh();
                return h.Linear(1);
            }
            """) { Dims = "N" },
        new("physics-informed residual of Burgers' equation", """
            [Spec] static Sym Value([Shape("N, 1")] Sym u, [Shape("N, 1")] Sym ut, [Shape("N, 1")] Sym ux, [Shape("N, 1")] Sym uxx)
                => (ut + u * ux - 0.01 / System.Math.PI * uxx).Square().Mean();
            """) { Dims = "N", IsLoss = true },
        new("Fourier neural operator with learned filters", """
            [Spec] [return: Shape("B, 1, 32, 32")] static Sym Forward([Shape("B, 1, 32, 32")] Sym field)
            {
                var x = field.Conv2d(8, k: 1);
                for (var i = 0; i < 3; i++)
                {
                    var real = Sym.Parameter("8, 8, 32, 32", Init.Normal(0.02), key: $"real_{i}");
                    var imaginary = Sym.Parameter("8, 8, 32, 32", Init.Normal(0.02), key: $"imaginary_{i}");
                    var (re, im) = x.Fft2().Unbind(-1);
                    var outRe = Sym.Einsum("b i h w, i o h w -> b o h w", re, real) - Sym.Einsum("b i h w, i o h w -> b o h w", im, imaginary);
                    var outIm = Sym.Einsum("b i h w, i o h w -> b o h w", re, imaginary) + Sym.Einsum("b i h w, i o h w -> b o h w", im, real);
                    x = (outRe.Unsqueeze(-1).Cat(outIm.Unsqueeze(-1), axis: -1).Ifft2() + x.Conv2d(8, k: 1)).Gelu();
                }
                return x.Conv2d(32, k: 1).Gelu().Conv2d(1, k: 1);
            }
            """),
        new("autoencoder of odd sizes", """
            [Spec] [return: Shape("B, 1, 45, 45")] static Sym Forward([Shape("B, 1, 45, 45")] Sym image)
            {
                var z = image.Conv2d(16, k: 3, stride: 2, pad: 1).Relu().Conv2d(32, k: 3, stride: 2, pad: 1).Relu();
                var y = z.ConvTranspose2d(16, k: 3, stride: 2, pad: 1).Relu();
                return y.ConvTranspose2d(1, k: 3, stride: 2, pad: 1);
            }
            """),
        new("autoencoder of spectra of odd length", """
            [Spec] [return: Shape("B, 1, 3921")] static Sym Forward([Shape("B, 1, 3921")] Sym spectrum)
            {
                var z = spectrum.Conv1d(16, k: 9, stride: 4, pad: 4).Relu().Conv1d(32, k: 9, stride: 5, pad: 4).Relu();
                return z.ConvTranspose1d(16, k: 9, stride: 5, pad: 4).Relu().ConvTranspose1d(1, k: 9, stride: 4, pad: 4);
            }
            """),
        new("DANN with gradient reversal", """
            [Spec] [return: Shape("B, 10", "B")] static (Sym classes, Sym domain) Forward([Shape("B, 3, 28, 28")] Sym image)
            {
                var h = image.Conv2d(32, k: 5).Relu().MaxPool2d(2).Conv2d(48, k: 5).Relu().MaxPool2d(2).Flatten();
                var classes = h.Linear(100).Relu().Linear(10);
                var domain = h.ReverseGradient(0.3).Linear(100).Relu().Linear(1).Squeeze(-1);
                return (classes, domain);
            }
            """),
        new("DANN's two losses", """
            [Spec] static Sym Value([Shape("B, 10")] Sym classes, [Shape("B"), Int64] Sym label, [Shape("B")] Sym domain, [Shape("B"), Probability] Sym isTarget)
                => classes.CrossEntropy(label) + domain.BceWithLogits(isTarget);
            """) { IsLoss = true },
        new("heads of many tasks with learned uncertainties", """
            [Spec] [return: Shape("B, 5", "B", "2")] static (Sym type, Sym redshift, Sym logVariance) Forward([Shape("B, 5, 48, 48")] Sym stamp)
            {
                var h = stamp.Conv2d(32, k: 3, stride: 2).Relu().Conv2d(64, k: 3, stride: 2).Relu().MeanPool2d();
                var logVariance = Sym.Parameter("2", Init.Zeros);
                return (h.Linear(5), h.Linear(1).Softplus().Squeeze(1), logVariance);
            }
            """),
        new("weighing tasks by uncertainty", """
            [Spec] static Sym Value([Shape("B, 5")] Sym type, [Shape("B"), Int64] Sym label, [Shape("B")] Sym z, [Shape("B")] Sym target, [Shape("2")] Sym logVariance)
            {
                var first = type.CrossEntropy(label);
                var second = z.L1(target);
                return (-logVariance[0]).Exp() * first + (-logVariance[1]).Exp() * second + logVariance.Sum() / 2;
            }
            """) { IsLoss = true },
        new("quantile regression", """
            [Spec] static Sym Value([Shape("B, 3")] Sym quantiles, [Shape("B")] Sym target, [Shape("3"), Probability] Sym level)
            {
                var error = target.Unsqueeze(1) - quantiles;
                return Sym.Where(error >= 0, level * error, (level - 1) * error).Mean();
            }
            """) { IsLoss = true },
        new("Cox partial likelihood, sorted by falling time", """
            [Spec] static Sym Value([Shape("B")] Sym risk, [Shape("B")] Sym observed)
            {
                var total = risk.Exp().CumSum(0).Log();
                return -((risk - total) * observed).Sum() / (observed.Sum() + 1e-8);
            }
            """) { IsLoss = true },
        new("discrete-time survival", """
            [Spec] static Sym Value([Shape("B, 20")] Sym hazardLogits, [Shape("B, 20"), Probability] Sym survived, [Shape("B, 20"), Probability] Sym died)
            {
                var h = hazardLogits.Sigmoid();
                return -(survived * (1 - h).Clamp(1e-7, 1).Log() + died * h.Clamp(1e-7, 1).Log()).Sum(1).Mean();
            }
            """) { IsLoss = true },
        new("matrix factorisation with biases", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B"), Int64] Sym user, [Shape("B"), Int64] Sym film)
            {
                var u = user.Embedding(943, 32);
                var f = film.Embedding(1682, 32);
                var mean = Sym.Parameter("1", Init.Constant(3.5));
                return (u * f).Sum(1) + user.Embedding(943, 1).Squeeze(1) + film.Embedding(1682, 1).Squeeze(1) + mean;
            }
            """),
        new("word2vec with negative samples", """
            [Spec] [return: Shape("B", "B, K")] static (Sym positive, Sym negative) Forward([Shape("B"), Int64] Sym centre, [Shape("B"), Int64] Sym context, [Shape("B, K"), Int64] Sym noise)
            {
                var v = centre.Embedding(10000, 64);
                var output = Sym.Parameter("10000, 64", Init.Zeros);
                var positive = (v * output.Lookup(context)).Sum(1);
                var negative = output.Lookup(noise).MatMul(v.Unsqueeze(-1)).Squeeze(-1);
                return (positive, negative);
            }
            """) { Dims = "B, K" },
        new("word2vec's loss", """
            [Spec] static Sym Value([Shape("B")] Sym positive, [Shape("B, K")] Sym negative)
                => ((-positive).Softplus() + negative.Softplus().Sum(1)).Mean();
            """) { Dims = "B, K", IsLoss = true },
        new("knowledge distillation", """
            [Spec] static Sym Value([Shape("B, 10")] Sym student, [Shape("B, 10")] Sym teacher, [Shape("B"), Int64] Sym label)
            {
                var soft = (teacher / 4).Softmax().Detach();
                return 0.9 * 16 * (student / 4).CrossEntropy(soft) + 0.1 * student.CrossEntropy(label);
            }
            """) { IsLoss = true },
        new("KL of two softmaxes", """
            [Spec] static Sym Value([Shape("B, 10")] Sym student, [Shape("B, 10")] Sym teacher)
            {
                var logq = student.LogSoftmax();
                var logp = teacher.LogSoftmax();
                return (logp.Exp() * (logp - logq)).Sum(1).Mean();
            }
            """) { IsLoss = true },
        new("squeeze-and-excitation and CBAM by hand", """
            [Spec] [return: Shape("B, 32, H, W")] static Sym Forward([Shape("B, 32, H, W")] Sym x)
            {
                var first = Layer.Linear(4);
                var second = Layer.Linear(32);
                var mean = second.On(first.On(x.MeanPool2d()).Relu());
                var max = second.On(first.On(x.Max((2, 3))).Relu());
                x = x * (mean + max).Sigmoid().Unsqueeze(-1).Unsqueeze(-1);
                var place = x.Mean(1, keep: true).Cat(x.Max(1, keep: true));
                return x * place.Conv2d(1, k: 7, pad: 3).Sigmoid();
            }
            """) { Dims = "B, H, W" },
        new("DenseNet with growth", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, H, W")] Sym image, [Param] int growth = 12)
            {
                var x = image.Conv2d(24, k: 3, pad: 1);
                for (var stage = 0; stage < 3; stage++)
                {
                    for (var i = 0; i < 4; i++) x = x.Cat(x.BatchNorm().Relu().Conv2d(growth, k: 3, pad: 1));
                    if (stage < 2) x = x.BatchNorm().Relu().Conv2d(48, k: 1).AvgPool2d(2);
                }
                return x.BatchNorm().Relu().MeanPool2d().Linear(10);
            }
            """) { Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0" },
        new("ResNet-18", """
            [Spec] [return: Shape("B, 1000")] static Sym Forward([Shape("B, 3, H, W")] Sym image)
            {
                var x = image.Conv2d(64, k: 7, stride: 2, pad: 3, bias: false).BatchNorm().Relu().MaxPool2d(3, stride: 2, pad: 1);
                for (var stage = 0; stage < 4; stage++)
                    for (var i = 0; i < 2; i++)
                    {
                        var stride = stage > 0 && i == 0 ? 2 : 1;
                        var y = x.Conv2d(64 << stage, k: 3, stride: stride, pad: 1, bias: false).BatchNorm().Relu()
                            .Conv2d(64 << stage, k: 3, pad: 1, bias: false).BatchNorm();
                        var skip = stride == 1 ? x : x.Conv2d(64 << stage, k: 1, stride: 2, bias: false).BatchNorm();
                        x = (y + skip).Relu();
                    }
                return x.MeanPool2d().Linear(1000);
            }
            """) { Dims = "B, H, W", Where = "H >= 32, W >= 32" },
        new("diffusion U-Net conditioned on time", """
            [Spec] [return: Shape("B, 3, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym noisy, [Shape("B")] Sym time, [Shape("16")] Sym frequency)
            {
                var angle = time.Unsqueeze(1) * frequency.Unsqueeze(0);
                var t = angle.Sin().Cat(angle.Cos()).Linear(64).Silu().Linear(64);
                var a = Res(noisy.Conv2d(32, k: 3, pad: 1), t, 32);
                var b = Res(a.AvgPool2d(2), t, 64);
                var c = Res(b.AvgPool2d(2), t, 64);
                var flat = c.Flatten(2).Transpose();
                c = c + flat.LayerNorm().Attention(4).Transpose().Reshape("B, 64, H/4, W/4");
                var d = Res(c.Upsample(2).Cat(b), t, 64);
                return Res(d.Upsample(2).Cat(a), t, 32).GroupNorm(8).Silu().Conv2d(3, k: 3, pad: 1);
            }
            [Block] static Sym Res(Sym x, Sym t, int channels)
            {
                var y = x.Conv2d(channels, k: 3, pad: 1).GroupNorm(8).Silu();
                y = y + t.Silu().Linear(channels).Unsqueeze(-1).Unsqueeze(-1);
                return y.Conv2d(channels, k: 3, pad: 1).GroupNorm(8).Silu() + x.Conv2d(channels, k: 1);
            }
            """) { Dims = "B, H, W", Where = "H % 4 == 0, W % 4 == 0" },
        new("diffusion's objective", """
            [Spec] static Sym Value([Shape("B, 3, 32, 32")] Sym predicted, [Shape("B, 3, 32, 32")] Sym noise, [Shape("B"), Positive] Sym weight)
                => ((predicted - noise).Square().Mean((1, 2, 3)) * weight).Mean();
            """) { IsLoss = true },
        new("AlexNet-like on CIFAR", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, 32, 32")] Sym x)
                => x.Conv2d(6, k: 5).Relu().MaxPool2d(2).Conv2d(16, k: 5).Relu().MaxPool2d(2).Flatten().Linear(120).Relu().Linear(84).Relu().Linear(10, inputs: 84);
            """),
        new("deep Q network with a duelling head", """
            [Spec] [return: Shape("B, 6")] static Sym Forward([Shape("B, 4, 84, 84")] Sym frames)
            {
                var h = frames.Conv2d(32, k: 8, stride: 4).Relu().Conv2d(64, k: 4, stride: 2).Relu().Conv2d(64, k: 3).Relu().Flatten();
                var value = h.Linear(512).Relu().Linear(1);
                var advantage = h.Linear(512).Relu().Linear(6);
                return value + advantage - advantage.Mean(1, keep: true);
            }
            """),
        new("PPO's clipped objective", """
            [Spec] static Sym Value([Shape("B, 6")] Sym logits, [Shape("B"), Int64] Sym action, [Shape("B")] Sym oldLogp, [Shape("B")] Sym advantage, [Shape("B")] Sym value, [Shape("B")] Sym goal)
            {
                var logp = logits.LogSoftmax();
                var ratio = (logp.Gather(action.Unsqueeze(1), 1).Squeeze(1) - oldLogp).Exp();
                var plain = ratio * advantage;
                var clipped = ratio.Clamp(0.8, 1.2) * advantage;
                var entropy = -(logp.Exp() * logp).Sum(1).Mean();
                return -Sym.Where(plain < clipped, plain, clipped).Mean() + 0.5 * value.Mse(goal) - 0.01 * entropy;
            }
            """) { IsLoss = true },
        new("soft actor with a squashed Gaussian", """
            [Spec] [return: Shape("B, 2", "B")] static (Sym action, Sym logp) Forward([Shape("B, 8")] Sym state)
            {
                var h = state.Linear(64).Relu().Linear(64).Relu();
                var mean = h.Linear(2);
                var logStd = h.Linear(2).Clamp(-5, 2);
                var noise = Sym.Normal(mean);
                var raw = mean + logStd.Exp() * noise;
                var action = raw.Tanh();
                var logp = (-noise.Square() / 2 - logStd - 0.9189).Sum(1) - (1 - action.Square() + 1e-6).Log().Sum(1);
                return (action, logp);
            }
            """),
        new("MLP mixer", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var x = image.Conv2d(64, k: 4, stride: 4).Flatten(2).Transpose();
                for (var i = 0; i < 4; i++)
                {
                    x = x + x.LayerNorm().Transpose().Linear(128).Gelu().Linear(64).Transpose();
                    x = x + x.LayerNorm().Linear(256).Gelu().Linear(64);
                }
                return x.LayerNorm().Mean(1).Linear(10);
            }
            """),
        new("ViT with a class token and learned places", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var token = Sym.Parameter("1, 1, 64", Init.Zeros);
                var place = Sym.Parameter("1, 65, 64", Init.Normal(0.02));
                var x = image.Conv2d(64, k: 4, stride: 4).Flatten(2).Transpose();
                x = token.Expand("B, 1, 64").Cat(x) + place;
                for (var i = 0; i < 4; i++)
                {
                    x = x + x.LayerNorm().Attention(4);
                    x = x + x.LayerNorm().Linear(256).Gelu().Linear(64);
                }
                return x.LayerNorm()[.., 0].Linear(10);
            }
            """),
        new("video network of 3-d convolutions", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, T, 3, H, W")] Sym clip)
            {
                var x = clip.Permute(0, 2, 1, 3, 4).Conv3d(32, k: (3, 7, 7), stride: (1, 2, 2), pad: (1, 3, 3)).BatchNorm().Relu().MaxPool3d((1, 2, 2));
                x = x.Conv3d(64, k: 3, stride: 2, pad: 1).BatchNorm().Relu();
                return x.MeanPool3d().Linear(10);
            }
            """) { Dims = "B, T, H, W", Where = "T >= 8, H >= 32, W >= 32" },
        new("CNN then LSTM over frames", """
            [Spec] [return: Shape("B, 7")] static Sym Forward([Shape("B, T, 3, 64, 64")] Sym clip)
            {
                var x = clip.Reshape("B*T, 3, 64, 64").Conv2d(16, k: 3, stride: 2, pad: 1).Relu().Conv2d(32, k: 3, stride: 2, pad: 1).Relu().MeanPool2d();
                var last = x.Reshape("B, T, 32").Lstm(64).last;
                return last.Squeeze(0).Linear(7);
            }
            """) { Dims = "B, T" },
        new("CRNN for lines of text", """
            [Spec] [return: Shape("B, W/4, 80")] static Sym Forward([Shape("B, 1, 32, W")] Sym line)
            {
                var x = line.Conv2d(32, k: 3, pad: 1).Relu().MaxPool2d(2).Conv2d(64, k: 3, pad: 1).BatchNorm().Relu().MaxPool2d(2);
                x = x.Permute(0, 3, 1, 2).Reshape("B, W/4, 512");
                return x.Lstm(64, bidirectional: true).sequence.Linear(80).LogSoftmax(2);
            }
            """) { Dims = "B, W", Where = "W >= 32" },
        new("neural process with attention", """
            [Spec] [return: Shape("B, T, 1", "B, T, 1")] static (Sym mean, Sym scale) Forward([Shape("B, C, 1")] Sym x, [Shape("B, C, 1")] Sym y, [Shape("B, T, 1")] Sym target)
            {
                var r = x.Cat(y, axis: -1).Linear(64).Relu().Linear(64);
                var query = target.Linear(64);
                var key = x.Linear(64);
                var context = (query.MatMul(key.Transpose()) / 8).Softmax().MatMul(r);
                var h = target.Cat(context, axis: -1).Linear(64).Relu();
                return (h.Linear(1), 0.1 + 0.9 * h.Linear(1).Softplus());
            }
            """) { Dims = "B, C, T" },
        new("highway network and a gated residual", """
            [Spec] static Sym Forward([Shape("B, 32")] Sym x, [Param] int hidden = 64)
            {
                for (var i = 0; i < 3; i++)
                {
                    var gate = x.Linear(32, biasInit: Init.Constant(-2)).Sigmoid();
                    x = gate * x.Linear(hidden).Relu().Linear(32) + (1 - gate) * x;
                }
                return x.Linear(1);
            }
            """),
        new("TabNet-like feature masks", """
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, 20")] Sym features)
            {
                var x = features.BatchNorm();
                var mask = x.Linear(20).Softmax();
                var (a, b) = (mask * x).Linear(32).Chunk(2);
                return (a * b.Sigmoid()).Linear(2);
            }
            """),
        new("DeepFM of categorical fields", """
            [Spec] [return: Shape("B")] static Sym Forward([Shape("B, 10"), Int64] Sym fields)
            {
                var v = fields.Embedding(1000, 16);
                var first = fields.Embedding(1000, 1).Squeeze(-1).Sum(1);
                var second = (v.Sum(1).Square() - v.Square().Sum(1)).Sum(1) / 2;
                var deep = v.Flatten().Linear(64).Relu().Linear(1).Squeeze(1);
                return first + second + deep;
            }
            """),
        new("Gumbel-softmax's relaxed choice", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, 32")] Sym x, [Shape("B, 8")] Sym gumbel)
            {
                var soft = ((x.Linear(8) + gumbel) / 0.5).Softmax();
                var hard = soft.ArgMax().OneHot(8);
                return (hard - soft).Detach() + soft;
            }
            """),
        new("Rotary embeddings", """
            [Spec] [return: Shape("B, 4, T, T")] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("T, 8")] Sym angle)
            {
                var (q, k) = x.Linear(128).Chunk(2, axis: -1);
                q = q.Reshape("B, T, 4, 16").Transpose(1, 2);
                k = k.Reshape("B, T, 4, 16").Transpose(1, 2);
                return (Turn(q, angle).MatMul(Turn(k, angle).Transpose()) / 4).Softmax();
            }
            [Block] static Sym Turn(Sym x, Sym angle)
            {
                var (a, b) = x.Chunk(2, axis: -1);
                return (a * angle.Cos() - b * angle.Sin()).Cat(a * angle.Sin() + b * angle.Cos(), axis: -1);
            }
            """) { Dims = "B, T" },
        new("squared maximum mean discrepancy", """
            [Spec] static Sym Value([Shape("N, 16")] Sym x, [Shape("M, 16")] Sym y)
            {
                var xx = x.Square().Sum(1).Unsqueeze(1) + x.Square().Sum(1).Unsqueeze(0) - 2 * x.MatMul(x.Transpose());
                var yy = y.Square().Sum(1).Unsqueeze(1) + y.Square().Sum(1).Unsqueeze(0) - 2 * y.MatMul(y.Transpose());
                var xy = x.Square().Sum(1).Unsqueeze(1) + y.Square().Sum(1).Unsqueeze(0) - 2 * x.MatMul(y.Transpose());
                return (-xx / 2).Exp().Mean() + (-yy / 2).Exp().Mean() - 2 * (-xy / 2).Exp().Mean();
            }
            """) { Dims = "N, M", IsLoss = true },
        new("deep SVDD and a centre", """
            [Spec] static Sym Value([Shape("B, 32")] Sym z, [Shape("32")] Sym centre) => (z - centre).Square().Sum(1).Mean();
            """) { IsLoss = true },
        new("prototypical network", """
            const int Ways = 5, Shots = 3;
            [Spec] static Sym Value([Shape("Ways*Shots, 64")] Sym support, [Shape("Q, 64")] Sym query, [Shape("Q"), Int64] Sym label)
            {
                var prototypes = support.Reshape("Ways, Shots, 64").Mean(1);
                var distance = (query.Unsqueeze(1) - prototypes.Unsqueeze(0)).Square().Sum(2);
                return (-distance).CrossEntropy(label);
            }
            """) { Dims = "Q", IsLoss = true },
        new("supervised contrastive loss", """
            [Spec] static Sym Value([Shape("B, 64")] Sym embedding, [Shape("B"), Int64] Sym label, [Shape("B, B"), Bool] Sym isItself)
            {
                var z = embedding.Normalize();
                var logits = Sym.Where(isItself, -1e9, z.MatMul(z.Transpose()) / 0.1);
                var same = label.Unsqueeze(0).EqualTo(label.Unsqueeze(1)) * (1.0 - 1.0 * isItself);
                var logp = logits - logits.LogSumExp(1, keep: true);
                return -((same * logp).Sum(1) / (same.Sum(1) + 1e-9)).Mean();
            }
            """) { Where = "B >= 2", IsLoss = true },
        new("recurrent state-space cell unrolled", """
            [Spec] [return: Shape("B, 5, 2")] static Sym Forward([Shape("B, 5, 3")] Sym input)
            {
                var cell = Layer.Linear(4 * 16, key: "cell");
                var head = Layer.Linear(2, key: "head");
                var outputs = new System.Collections.Generic.List<Sym>();
                var parts = input.Unbind(1);
                var h = Sym.Parameter("1, 16", Init.Zeros).Expand("B, 16");
                var c = Sym.Parameter("1, 16", Init.Zeros, key: "c0").Expand("B, 16");
                for (var t = 0; t < 5; t++)
                {
                    var (i, f, g, o) = cell.On(parts[t].Cat(h)).Chunk(4);
                    c = f.Sigmoid() * c + i.Sigmoid() * g.Tanh();
                    h = o.Sigmoid() * c.Tanh();
                    outputs.Add(head.On(h).Unsqueeze(1));
                }
                return outputs[0].Cat(outputs[1], outputs[2], outputs[3]).Cat(outputs[4]);
            }
            """),
        new("equivariant galaxy classifier", """
            [Spec] [return: Shape("B, 3")] static Sym Forward([Shape("B, 3, 65, 65")] Sym image)
            {
                var x = image.LiftConv2d(8, k: 5, Symmetry.D4, pad: 2).GroupBatchNorm(Symmetry.D4).Relu().MaxPool2d(3, stride: 2, pad: 1);
                x = x.GroupConv2d(16, k: 3, Symmetry.D4, pad: 1).GroupBatchNorm(Symmetry.D4).Relu().MaxPool2d(3, stride: 2, pad: 1);
                return x.GroupPool(Symmetry.D4).MeanPool2d().Linear(3);
            }
            """),
        new("hand-written layer norm and instance norm", """
            [Spec] [return: Shape("B, 8, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                var y = x.Conv2d(8, k: 3, pad: 1);
                y = (y - y.Mean((2, 3), keep: true)) / (y.Var((2, 3), keep: true) + 1e-5).Sqrt();
                var scale = Sym.Parameter("8, 1, 1", Init.Ones);
                y = y * scale;
                var m = y.Mean(1, keep: true);
                return (y - m) / ((y - m).Square().Mean(1, keep: true) + 1e-6).Sqrt();
            }
            """) { Dims = "B, H, W", Where = "H >= 2, W >= 2" },
    ];
}
