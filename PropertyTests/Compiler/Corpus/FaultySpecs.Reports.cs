using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>
/// What forums and issue threads are full of, written as their authors would write it here; where and what is to be reported was decided
/// before it was run.
/// </summary>
internal static partial class FaultySpecs
{
    private static IReadOnlyList<FaultySpec> Reports =>
    [
        new("nll by gather, log-softmax down the batch", """
            [Spec] static Sym Value([Shape("B, 10")] Sym scores, [Shape("B"), Int64] Sym label)
            {
                var logp = scores.LogSoftmax({|HYB1025:0|});
                return -logp.Gather(label.Unsqueeze(1), 1).Mean();
            }
            """) { IsLoss = true },
        new("attention pooling, scores kept with their axis, softmax over it", """
            [Spec] [return: Shape("B, 32")] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var h = x.Linear(32).Tanh();
                var scores = h.Linear(1);
                var weights = scores.Softmax({|HYB1028:2|});
                return (weights * h).Sum(1);
            }
            """) { Dims = "B, T" },
        new("mean over the batch rather than over time, promised", """
            [Spec] [return: Shape("B, 5")] static Sym Forward([Shape("B, T, 16")] Sym x)
            {
                var h = x.Linear(32).Relu();
                var pooled = h.{|HYB1018:Mean(0)|};
                return pooled.Linear(5);
            }
            """) { Dims = "B, T" },
        new("flatten(0) eats the batch", """
            [Spec] static Sym Forward([Shape("B, 3, 32, 32")] Sym image)
            {
                var x = image.Conv2d(16, k: 3, pad: 1).Relu().MaxPool2d(2);
                return x.Flatten(0).{|HYB1020:Linear(10)|};
            }
            """),
        new("decoder of k 3 stride 2 without output padding", """
            [Spec] [return: Shape("B, 1, H, W")] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var a = x.Conv2d(16, k: 3, stride: 2, pad: 1).Relu();
                var b = a.Conv2d(32, k: 3, stride: 2, pad: 1).Relu();
                var up = b.{|HYB1015:ConvTranspose2d(16, k: 3, stride: 2, pad: 1)|}.Relu();
                var joined = up.Cat(a);
                return joined.ConvTranspose2d(1, k: 4, stride: 2, pad: 1);
            }
            """) { Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0" },
        new("key padding mask where an attention mask belongs", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("B, T"), Bool] Sym padding)
            {
                var h = x.LayerNorm();
                return x + h.Attention(8, mask: {|HYB1029:padding|});
            }
            """) { Dims = "B, T" },
        new("same padding of an even kernel", """
            [Spec] static Sym Forward([Shape("B, 16, L")] Sym x)
            {
                var y = x.Conv1d(16, k: 4, pad: 2).Relu();
                return x + {|HYB1007:y|};
            }
            """) { Dims = "B, L" },
        new("dilation without its padding", """
            [Spec] static Sym Forward([Shape("B, 64, H, W")] Sym x)
            {
                var y = x.Conv2d(64, k: 3, pad: 1, dilation: 2).BatchNorm().Relu();
                return (x + {|HYB1007:y|}).Relu();
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("channels last, roles not said", """
            [Spec] static Sym Forward([Shape("B, H, W, 3")] Sym photo)
            {
                var x = {|HYB1003:photo|}.Conv2d(32, k: 3, pad: 1).Relu();
                return x.MeanPool2d().Linear(5);
            }
            """) { Dims = "B, H, W" },
        new("lstm left time-major as PyTorch's default", """
            [Spec] [return: Shape("B, 2")] static Sym Forward([Shape("B, T, 12")] Sym series)
            {
                var states = {|HYB1013:series|}.Lstm(64, batchFirst: false).sequence;
                return states[.., -1].Linear(2);
            }
            """) { Dims = "B, T" },
        new("crnn: columns to time by a view", """
            [Spec] static Sym Forward([Shape("B, 1, 32, W")] Sym line)
            {
                var maps = line.Conv2d(64, k: 3, pad: 1).Relu().MaxPool2d((8, 1));
                var columns = maps.Reshape({|HYB1010:"B, W, 256"|});
                return columns.Gru(128, bidirectional: true).sequence.Linear(80);
            }
            """) { Dims = "B, W", Where = "W >= 32" },
        new("class indices regressed on", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label)
            {
                return logits.Mse({|HYB3002:label|});
            }
            """) { IsLoss = true },
        new("sigmoid before the cross-entropy", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label)
            {
                var p = logits.Sigmoid();
                return {|HYB3003:p|}.CrossEntropy(label);
            }
            """) { IsLoss = true },
        new("bce of a column against a row", """
            [Spec] static Sym Value([Shape("B, 1")] Sym logits, [Shape("B")] Sym target)
                => logits.BceWithLogits({|HYB3005:target|});
            """) { IsLoss = true },
        new("layer norm of one feature", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(64).Relu();
                return h.Linear(1).{|HYB1028:LayerNorm()|};
            }
            """),
        new("branch overwritten before use", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(64).{|HYB4001:Relu()|};
                h = x.Linear(32).Relu();
                return h.Linear(4);
            }
            """),
        new("mask taken and forgotten", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("B, T"), Bool] Sym {|HYB4001:mask|})
            {
                var h = x.Attention(4).LayerNorm();
                return h.Mean(1).Linear(3);
            }
            """) { Dims = "B, T" },
        new("generator's loss on detached scores", """
            [Spec] static Sym Value([Shape("B")] Sym fakeScores)
            {
                var scores = fakeScores.{|HYB4015:Detach()|};
                return scores.Neg().Softplus().Mean();
            }
            """) { IsLoss = true },
        new("encoder trained through an argmax", """
            [Spec] static Sym Forward([Shape("B, 32")] Sym x)
            {
                var code = x.Linear(16).{|HYB4015:ArgMax()|};
                return code.Embedding(16, 8).Linear(2);
            }
            """),
        new("loss of each example returned", """
            [Spec] static Sym Value([Shape("B, T")] Sym prediction, [Shape("B, T")] Sym target)
            {
                var error = (prediction - target).Square();
                return error.{|HYB1018:Sum(1)|};
            }
            """) { Dims = "B, T", IsLoss = true },
        new("five pools of an image of 28", """
            [Spec] static Sym Forward([Shape("B, 1, 28, 28")] Sym image)
            {
                var x = image;
                for (var i = 0; i < 5; i++)
                    x = x.Conv2d(16 << i, k: 3, pad: 1).Relu().MaxPool2d({|HYB1005:2|});
                return x.Flatten().Linear(10);
            }
            """),
        new("average pool of 8 on maps of 7", """
            [Spec] static Sym Forward([Shape("B, 3, 224, 224")] Sym image)
            {
                var x = image.Conv2d(64, k: 7, stride: 2, pad: 3).Relu().MaxPool2d(3, stride: 2, pad: 1);
                for (var i = 0; i < 3; i++) x = x.Conv2d(128 << i, k: 3, stride: 2, pad: 1).Relu();
                return x.AvgPool2d({|HYB1005:8|}).Flatten().Linear(1000);
            }
            """),
        new("depthwise with groups of the output", """
            [Spec] static Sym Forward([Shape("B, 32, 16, 16")] Sym x)
            {
                var y = x.Conv2d(48, k: 3, pad: 1, groups: {|HYB1014:48|});
                return y.BatchNorm().Relu().Conv2d(64, k: 1);
            }
            """),
        new("code of 512 words looked up in a table of 256", """
            [Spec] static Sym Forward([Shape("B, 64")] Sym x, [Shape("512, 64")] Sym codebook)
            {
                var similarity = x.MatMul(codebook.Transpose()); // (B, 512)
                var index = similarity.ArgMax();
                return x.Linear(8) + {|HYB1032:index|}.Embedding(256, 8);
            }
            """),
        new("softmax twice", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var p = x.Linear(10).Softmax();
                return {|HYB3003:p|}.Softmax();
            }
            """),
        new("sigmoid inside, logits asked for", """
            [Spec] static Sym Value([Shape("B, N")] Sym score, [Shape("B, N"), Probability] Sym target)
            {
                var p = score.Sigmoid().Clamp(1e-6, 1 - 1e-6);
                return {|HYB3004:p|}.BceWithLogits(target);
            }
            """) { Dims = "B, N", IsLoss = true },
        new("dropout on the logits", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 128")] Sym x)
            {
                var h = x.Linear(64).Relu();
                return h.Linear(10).{|HYB4016:Dropout(0.5)|};
            }
            """),
        new("dropout of percent", """
            [Spec] static Sym Forward([Shape("B, 128")] Sym x)
            {
                var h = x.Linear(64).Relu().Dropout({|HYB1026:20|});
                return h.Linear(10);
            }
            """),
        new("batch norm where a single example is trained", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym state)
            {
                var h = state.{|HYB2001:Linear(32)|}.BatchNorm().Relu();
                return h.Linear(2);
            }
            """) { Where = "B == 1" },
        new("table of 512 positions, sequences of up to 1024", """
            [Spec] static Sym Forward([Shape("B, T, 128")] Sym x)
            {
                var position = Sym.Parameter("512, 128", Init.Normal(0.02));
                x = x + position.Range(0, "0", {|HYB1005:"T"|});
                return x.Attention(8).LayerNorm();
            }
            """) { Dims = "B, T", Where = "T <= 1024" },
        new("table of 512 positions added whole", """
            [Spec] static Sym Forward([Shape("B, T, 128")] Sym x)
            {
                var position = Sym.Parameter("512, 128", Init.Normal(0.02));
                x = x + {|HYB1007:position|};
                return x.Attention(8).LayerNorm();
            }
            """) { Dims = "B, T", Where = "T <= 512" },
        new("features joined along time", """
            [Spec] [return: Shape("B, T, 4")] static Sym Forward([Shape("B, T, 16")] Sym a, [Shape("B, T, 16")] Sym b)
            {
                var joined = a.Linear(32).{|HYB1018:Cat(b.Linear(32))|};
                return joined.Linear(4);
            }
            """) { Dims = "B, T" },
        new("conditions joined along the batch", """
            [Spec] [return: Shape("B, 784")] static Sym Forward([Shape("B, 100")] Sym noise, [Shape("B, 100")] Sym condition)
            {
                var z = noise.{|HYB1018:Cat(condition, axis: 0)|};
                return z.Linear(256).Relu().Linear(784).Tanh();
            }
            """),
        new("pixel shuffle by one reshape", """
            [Spec] [return: Shape("B, 3, 2*H, 2*W")] static Sym Forward([Shape("B, 3, H, W")] Sym low)
            {
                var x = low.Conv2d(64, k: 3, pad: 1).Relu().Conv2d(12, k: 3, pad: 1);
                return x.Reshape({|HYB1010:"B, 3, 2*H, 2*W"|});
            }
            """) { Dims = "B, H, W" },
        new("U-Net over any size", """
            [Spec] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var a = x.Conv2d(16, k: 3, pad: 1).Relu();
                var b = a.MaxPool2d(2).Conv2d(32, k: 3, pad: 1).Relu();
                var up = b.Upsample(2).Cat({|HYB1006:a|});
                return up.Conv2d(1, k: 1);
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("patches of 16 of a plate of 250", """
            [Spec] static Sym Forward([Shape("B, 3, 250, 250")] Sym image)
            {
                var tokens = image.Conv2d(192, k: {|HYB1031:16|}, stride: 16).Flatten(2).Transpose();
                return tokens.Attention(3).Mean(1).Linear(10);
            }
            """),
        new("all pairs of a batch scored, itself among them", """
            [Spec] static Sym Value([Shape("B, 64")] Sym embedding, [Shape("B"), Int64] Sym partner)
            {
                var z = embedding.Normalize();
                var similarity = z.MatMul(z.Transpose()) / 0.1;
                return {|HYB3008:similarity|}.CrossEntropy(partner);
            }
            """) { IsLoss = true },
        new("cosine similarities as logits", """
            [Spec] static Sym Value([Shape("B, 64")] Sym image, [Shape("B, 64")] Sym text, [Shape("B"), Int64] Sym diagonal)
            {
                var similarity = image.Normalize().MatMul(text.Normalize().Transpose());
                return {|HYB3008:similarity|}.CrossEntropy(diagonal);
            }
            """) { IsLoss = true },
        new("critic's penalty pixel by pixel", """
            [Spec] static Sym Value([Shape("B, 3, 32, 32")] Sym gradient)
            {
                var norm = gradient.Square().{|HYB1029:Sum(1)|}.Sqrt();
                return (norm - 1).Square().Mean() * 10;
            }
            """) { IsLoss = true },
        new("last state with its layer axis", """
            [Spec] [return: Shape("B, 6")] static Sym Forward([Shape("B, T, 40")] Sym x)
            {
                var last = x.Lstm(64).last; // (1, B, 64)
                return last.{|HYB1018:Linear(6)|};
            }
            """) { Dims = "B, T" },
        new("both directions' last states by a view", """
            [Spec] [return: Shape("B, 6")] static Sym Forward([Shape("B, T, 40")] Sym x)
            {
                var last = x.Gru(32, bidirectional: true).last; // (2, B, 32)
                return last.Reshape({|HYB1010:"B, 64"|}).Linear(6);
            }
            """) { Dims = "B, T" },
        new("last step of both directions", """
            [Spec] [return: Shape("B, 6")] static Sym Forward([Shape("B, T, 40")] Sym x)
            {
                var states = x.Gru(32, bidirectional: true).sequence;
                return states[.., {|HYB1029:-1|}].Linear(6);
            }
            """) { Dims = "B, T" },
        new("positions of a time-major model on batch-first data", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var position = Sym.Parameter("100, 1, 64");
                return (x + position.{|HYB1007:Range(0, "0", "T")|}).Attention(4);
            }
            """) { Dims = "B, T", Where = "T <= 100" },
        new("weights of classes times losses of examples", """
            [Spec] static Sym Value([Shape("B, 5")] Sym logits, [Shape("B"), Int64] Sym label, [Shape("5")] Sym weight)
            {
                var nll = -logits.LogSoftmax().Gather(label.Unsqueeze(1), 1).Squeeze(1);
                return (nll * {|HYB1007:weight|}).Mean();
            }
            """) { IsLoss = true },
        new("view(-1, 256) of maps of 400", """
            [Spec] [return: Shape("B, 10")] static Sym Forward([Shape("B, 1, 32, 32")] Sym x)
            {
                var maps = x.Conv2d(6, k: 5).Relu().MaxPool2d(2).Conv2d(16, k: 5).Relu().MaxPool2d(2);
                return maps.Reshape("-1, 200").{|HYB1018:Linear(10)|};
            }
            """),
        new("global mean over the first axes of channels-first maps", """
            [Spec] static Sym Forward([Shape("B, 3, 24, 24")] Sym x)
            {
                var maps = x.Conv2d(32, k: 3, pad: 1).Relu();
                return maps.Mean({|HYB1029:(1, 2)|}).Linear(4);
            }
            """),
        new("embeddings normalised down the batch", """
            [Spec] static Sym Forward([Shape("B, 128")] Sym x)
            {
                var z = x.Linear(64);
                return z.Normalize({|HYB1025:0|});
            }
            """),
        new("dcgan of a kernel too many", """
            [Spec] [return: Shape("B, 3, 64, 64")] static Sym Forward([Shape("B, 100, 1, 1")] Sym z)
            {
                var x = z.ConvTranspose2d(512, k: 4).BatchNorm().Relu();
                x = x.ConvTranspose2d(256, k: 4, stride: 2, pad: 1).BatchNorm().Relu();
                x = x.ConvTranspose2d(128, k: 4, stride: 2, pad: 1).BatchNorm().Relu();
                return x.{|HYB1015:ConvTranspose2d(3, k: 4, stride: 2, pad: 1)|}.Tanh();
            }
            """),
        new("kl of predictions that are not logarithms", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B, 10"), Probability] Sym target)
            {
                var logq = {|HYB3007:logits|}.Log();
                return (target * (target.Log() - logq)).Sum(1).Mean();
            }
            """) { IsLoss = true },
        new("softmax over the heads", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var q = x.Linear(64).Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                var k = x.Linear(64).Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                var v = x.Linear(64).Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                var weights = (q.MatMul(k.Transpose()) / 4).Softmax({|HYB1029:1|});
                return weights.MatMul(v).Permute(0, 2, 1, 3).Reshape("B, T, 64");
            }
            """) { Dims = "B, T" },
        new("logarithm of what a relu gives", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var rate = x.Linear(4).Relu();
                return {|HYB3007:rate|}.Log();
            }
            """),
        new("row sums without their axis", """
            [Spec] static Sym Forward([Shape("N, N")] Sym adjacency, [Shape("N, 16")] Sym nodes)
            {
                var degree = adjacency.Sum(1);
                var walk = adjacency / {|HYB1029:degree|};
                return walk.MatMul(nodes.Linear(32)).Relu().Linear(4);
            }
            """) { Dims = "N" },
        new("padding mask onto scores of heads", """
            [Spec] static Sym Forward([Shape("B, 8, T, 32")] Sym q, [Shape("B, 8, S, 32")] Sym k, [Shape("B, S"), Bool] Sym mask)
            {
                var scores = q.MatMul(k.Transpose()) / 5.7;
                scores = Sym.Where(mask, {|HYB1007:scores|}, -1e9);
                return scores.Softmax();
            }
            """) { Dims = "B, T, S" },
        new("mask times tokens", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x, [Shape("B, T")] Sym mask)
            {
                var h = x.Linear(64).Relu();
                return (h * {|HYB1007:mask|}).Sum(1).Linear(2);
            }
            """) { Dims = "B, T" },
        new("lengths as a column", """
            [Spec] static Sym Forward([Shape("B, T, 8")] Sym x, [Shape("B, 1"), Int64] Sym lengths)
                => x.Gru(16, lengths: {|HYB1004:lengths|}).sequence.Linear(3);
            """) { Dims = "B, T" },
        new("initial state without its layers", """
            [Spec] static Sym Forward([Shape("B, T, 8")] Sym x, [Shape("B, 16")] Sym context)
            {
                var start = context.Linear(32).Tanh();
                return x.Gru(32, state: {|HYB1004:start|}).sequence.Linear(3);
            }
            """) { Dims = "B, T" },
        new("bidirectional encoder's state into a decoder", """
            [Spec] static Sym Forward([Shape("B, S, 8")] Sym source, [Shape("B, T, 8")] Sym target)
            {
                var encoded = source.Lstm(32, bidirectional: true);
                return target.Lstm(32, state: encoded.{|HYB1004:last|}, cell: encoded.cell).sequence;
            }
            """) { Dims = "B, T, S" },
        new("tokens of a vit not transposed", """
            [Spec] static Sym Forward([Shape("B, 3, 64, 64")] Sym image)
            {
                var patches = image.Conv2d(128, k: 8, stride: 8).Flatten(2); // (B, 128, 64)
                var tokens = {|HYB1029:patches|}.Attention(4);
                return tokens.Mean(1).Linear(10);
            }
            """),
        new("batch norm of tokens", """
            [Spec] static Sym Forward([Shape("B, 50, 32")] Sym x)
            {
                var h = x.Linear(64).{|HYB1029:BatchNorm()|}.Relu();
                return h.Mean(1).Linear(4);
            }
            """),
        new("messages multiplied from the wrong side", """
            [Spec] static Sym Forward([Shape("B, N, 8")] Sym nodes, [Shape("B, N, N")] Sym adjacency)
            {
                var h = nodes.Linear(16);
                return h.MatMul({|HYB1017:adjacency|}).Relu();
            }
            """) { Dims = "B, N" },
        new("positive and negative words against their centre", """
            [Spec] static Sym Forward([Shape("B, 64")] Sym centre, [Shape("B, K, 64")] Sym context)
            {
                var u = centre.Linear(64, bias: false);
                return context.MatMul(u.{|HYB1008:Transpose()|});
            }
            """) { Dims = "B, K" },
        new("distances keep their axis", """
            [Spec] static Sym Value([Shape("B, 32")] Sym anchor, [Shape("B, 32")] Sym positive, [Shape("B, 32")] Sym negative)
            {
                var near = (anchor - positive).Square().Sum(1, keep: true);
                var far = (anchor - negative).Square().Sum(1);
                return (near - {|HYB3005:far|} + 0.2).Relu().Mean();
            }
            """) { IsLoss = true },
        new("classes last in a language model's loss", """
            [Spec] static Sym Value([Shape("B, T, 1000")] Sym logits, [Shape("B, T"), Int64] Sym next)
                => {|HYB3001:logits|}.CrossEntropy(next);
            """) { Dims = "B, T", IsLoss = true },
        new("next words off by one", """
            [Spec] static Sym Value([Shape("B, T, 1000")] Sym logits, [Shape("B, T"), Int64] Sym words)
            {
                var predicted = logits[.., ..^1].Transpose();
                return predicted.CrossEntropy({|HYB3001:words|});
            }
            """) { Dims = "B, T", Where = "T >= 2", IsLoss = true },
        new("risk of a column against events", """
            [Spec] static Sym Value([Shape("B, 1")] Sym risk, [Shape("B")] Sym observed)
            {
                var total = risk.Exp().CumSum(0).Log();
                return -((risk - total) * {|HYB3005:observed|}).Mean();
            }
            """) { IsLoss = true },
        new("three quantiles against one target", """
            [Spec] static Sym Value([Shape("B, 3")] Sym quantiles, [Shape("B")] Sym target)
            {
                var error = target - {|HYB1007:quantiles|};
                return Sym.Where(error > 0, 0.9 * error, -0.1 * error).Mean();
            }
            """) { IsLoss = true },
        new("mixture weights softmaxed over the dimensions", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(64).Relu();
                var weight = h.Linear(5).Reshape("B, 5, 1").{|HYB1028:Softmax()|};
                var mean = h.Linear(10).Reshape("B, 5, 2");
                return (weight * mean).Sum(1);
            }
            """),
        new("log-determinant summed over the batch", """
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var (a, b) = x.Split(1, 2, 2);
                var h = a.Linear(32).Relu();
                var scale = h.Linear(2).Tanh();
                var z = b * scale.Exp() + h.Linear(2);
                var prior = -(z.Square().Sum(1) + a.Square().Sum(1)) / 2;
                return {|HYB1029:prior + scale.Sum()|};
            }
            """),
        new("time joined to the state of an ode", """
            [Spec] static Sym Forward([Shape("B, 3")] Sym state, [Shape("B")] Sym time)
            {
                var input = state.Cat({|HYB1004:time|});
                return input.Linear(64).Tanh().Linear(3);
            }
            """),
        new("fourier features left unflattened", """
            [Spec] [return: Shape("N, 4")] static Sym Forward([Shape("N, 3")] Sym x, [Shape("10")] Sym frequency)
            {
                var angle = x.Unsqueeze(-1) * frequency; // (N, 3, 10)
                var encoded = angle.Sin().Cat(angle.Cos(), axis: -1); // (N, 3, 20)
                return encoded.Linear(128).Relu().{|HYB1018:Linear(4)|};
            }
            """) { Dims = "N" },
        new("film without the axes of the map", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x, [Shape("B, 8")] Sym condition)
            {
                var maps = x.Conv2d(64, k: 3, pad: 1);
                var (gamma, beta) = condition.Linear(128).Chunk(2);
                return maps * {|HYB1007:gamma|} + beta.Reshape("B, 64, 1, 1");
            }
            """) { Dims = "B, H, W" },
        new("weights of a hypernetwork the other way around", """
            [Spec] [return: Shape("B, 32")] static Sym Forward([Shape("B, 16")] Sym x, [Shape("B, 4")] Sym task)
            {
                var weight = task.Linear(512).Reshape("B, 32, 16");
                return x.Unsqueeze(1).MatMul({|HYB1017:weight|}).Squeeze(1);
            }
            """),
        new("gates of experts softmaxed over examples", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var gates = x.Linear(4).Softmax({|HYB1025:0|});
                var experts = x.Linear(32).Reshape("B, 4, 8");
                return (gates.Unsqueeze(-1) * experts).Sum(1);
            }
            """),
        new("gates of experts without their axis", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var gates = x.Linear(4).Softmax();
                var experts = x.Linear(32).Reshape("B, 4, 8");
                return (gates * {|HYB1007:experts|}).Sum(1);
            }
            """),
        new("commitment detached on both sides", """
            [Spec] static Sym Value([Shape("B, 64")] Sym z, [Shape("B, 64")] Sym code)
            {
                var commitment = z.Detach().{|HYB4015:Mse(code.Detach())|};
                return z.Detach().Mse(code) + 0.25 * commitment;
            }
            """) { IsLoss = true },
        new("gain of a kalman filter in the wrong order", """
            [Spec] static Sym Forward([Shape("B, 4, 4")] Sym p, [Shape("2, 4")] Sym h, [Shape("2, 2")] Sym r)
            {
                var s = h.MatMul(p).MatMul(h.Transpose()) + r;
                var gain = p.MatMul({|HYB1017:h|}).MatMul(s.Inverse());
                return gain;
            }
            """),
        new("students that are softmaxed before", """
            [Spec] static Sym Value([Shape("B, 10")] Sym student, [Shape("B, 10")] Sym teacher)
            {
                var soft = (teacher / 4).Softmax();
                return (student / 4).{|HYB3003:Softmax()|}.CrossEntropy(soft) * 16;
            }
            """) { IsLoss = true },
        new("a teacher's log-probabilities as targets", """
            [Spec] static Sym Value([Shape("B, 10")] Sym student, [Shape("B, 10")] Sym teacher)
            {
                var soft = (teacher / 4).LogSoftmax();
                return (student / 4).CrossEntropy({|HYB3004:soft|}) * 16;
            }
            """) { IsLoss = true },
        new("tanh into a binary cross-entropy", """
            [Spec] static Sym Value([Shape("B, 784")] Sym x, [Shape("B, 784"), Probability] Sym image)
            {
                var reconstruction = x.Tanh();
                return {|HYB3004:reconstruction|}.Bce(image);
            }
            """) { IsLoss = true },
        new("a layer declared and never called", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var fc1 = Layer.Linear(32);
                var fc2 = {|HYB4001:Layer.Linear(32)|};
                return fc1.On(fc1.On(x.Linear(16)).Linear(16)).Relu();
            }
            """),
        new("the wrong variable returned", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(32).Relu();
                var y = h.{|HYB4001:Linear(10)|};
                return h;
            }
            """),
        new("inception's pooled branch without padding", """
            [Spec] static Sym Forward([Shape("B, 192, H, W")] Sym x)
            {
                var a = x.Conv2d(64, k: 1);
                var b = x.Conv2d(96, k: 1).Relu().Conv2d(128, k: 3, pad: 1);
                var c = x.Conv2d(16, k: 1).Relu().Conv2d(32, k: 5, pad: 2);
                var d = x.MaxPool2d(3, stride: 1).Conv2d(32, k: 1);
                return a.Cat(b, c, {|HYB1006:d|}).Relu();
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("super-resolution of four, enlarged twice", """
            [Spec] [return: Shape("B, 3, 4*H, 4*W")] static Sym Forward([Shape("B, 3, H, W")] Sym low)
            {
                var x = low.Conv2d(64, k: 9, pad: 4).Relu().Upsample(2);
                return x.{|HYB1018:Conv2d(3, k: 5, pad: 2)|};
            }
            """) { Dims = "B, H, W" },
        new("causal padding at both ends", """
            [Spec] static Sym Forward([Shape("B, 32, L")] Sym x)
            {
                var y = x;
                for (var i = 0; i < 3; i++)
                {
                    var d = 1 << i;
                    y = y + y.Conv1d(32, k: 3, dilation: d, pad: 2 * d).{|HYB1007:Relu()|};
                }
                return y;
            }
            """) { Dims = "B, L" },
        new("clips of frames, channels second to last", """
            [Spec] static Sym Forward([Shape("B, 16, 3, 112, 112")] Sym clip)
            {
                var x = {|HYB1029:clip|}.Conv3d(64, k: 3, pad: 1).Relu();
                return x.MeanPool3d().Linear(10);
            }
            """),
        new("clips into a 2-d convolution", """
            [Spec] static Sym Forward([Shape("B, T, 3, 64, 64")] Sym clip)
            {
                var x = {|HYB1004:clip|}.Conv2d(32, k: 3, pad: 1).Relu();
                return x.MeanPool2d().Linear(10);
            }
            """) { Dims = "B, T" },
        new("frames' features back in the wrong order", """
            [Spec] static Sym Forward([Shape("B, T, 3, 32, 32")] Sym clip)
            {
                var frames = clip.Reshape("B*T, 3, 32, 32").Conv2d(16, k: 3, pad: 1).Relu().MeanPool2d();
                var series = frames.Reshape({|HYB1010:"T, B, 16"|});
                return series.Gru(32, batchFirst: false).sequence.Linear(5);
            }
            """) { Dims = "B, T" },
        new("frames as channels", """
            [Spec] static Sym Forward([Shape("B, T, 3, 32, 32")] Sym clip)
            {
                var stacked = clip.Reshape("B, T*3, 32, 32");
                return {|HYB1003:stacked|}.Conv2d(32, k: 3, pad: 1).Relu().MeanPool2d().Linear(5);
            }
            """) { Dims = "B, T" },
        new("a batch axis added before the batch", """
            [Spec] static Sym Forward([Shape("B, L")] Sym wave)
            {
                var x = wave.Unsqueeze(0);
                return x.{|HYB1020:Conv1d(16, k: 5, pad: 2)|}.Relu().MeanPool1d().Linear(2);
            }
            """) { Dims = "B, L" },
        new("the first example for the class token", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var token = Sym.Parameter("1, 1, 64");
                var h = token.Expand("B, 1, 64").Cat(x).Attention(4);
                return h[{|HYB1029:0|}].Linear(10);
            }
            """) { Dims = "B, T" },
        new("the last feature for the last time", """
            [Spec] static Sym Forward([Shape("B, T, 8")] Sym x)
            {
                var states = x.Gru(32).sequence;
                return states[.., .., -1].{|HYB1020:Linear(4)|};
            }
            """) { Dims = "B, T" },
        new("halves of a gate along time", """
            [Spec] static Sym Forward([Shape("B, 16, 64")] Sym x)
            {
                var (value, gate) = x.{|HYB1029:Linear(128)|}.Chunk(2);
                return value * gate.Sigmoid();
            }
            """),
        new("halves of a gate along a time of any length", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var (value, gate) = x.Linear(128).Chunk({|HYB1022:2|});
                return value * gate.Sigmoid();
            }
            """) { Dims = "B, T" },
        new("integer targets of a binary loss", """
            [Spec] static Sym Value([Shape("B")] Sym logits, [Shape("B"), Int64] Sym label)
                => logits.BceWithLogits({|HYB3002:label|});
            """) { IsLoss = true },
        new("group norm of 32 groups on 48 channels", """
            [Spec] static Sym Forward([Shape("B, 3, 32, 32")] Sym x)
            {
                var h = x.Conv2d(48, k: 3, pad: 1);
                return h.GroupNorm({|HYB1014:32|}).Silu();
            }
            """),
        new("width of a transformer that heads do not divide", """
            [Spec] static Sym Forward([Shape("B, T, 10")] Sym x)
            {
                var h = x.Linear(100);
                return h.Attention({|HYB1012:8|}).LayerNorm();
            }
            """) { Dims = "B, T" },
        new("class probabilities of pixels along the width", """
            [Spec] static Sym Forward([Shape("B, 3, 64, 64")] Sym x)
            {
                var scores = x.Conv2d(16, k: 3, pad: 1).Relu().Conv2d(21, k: 1);
                return scores.Softmax({|HYB1029:-1|});
            }
            """),
        new("gru cell's gates split into too few", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x, [Shape("B, 32")] Sym state)
            {
                var (r, z, n) = x.Linear(3 * 32 + 1).Chunk({|HYB1022:3|});
                var update = z.Sigmoid();
                return update * state + (1 - update) * (n + r.Sigmoid() * state).Tanh();
            }
            """),
        new("squeeze and excite without the map's axes", """
            [Spec] static Sym Forward([Shape("B, 64, H, W")] Sym x)
            {
                var s = x.MeanPool2d().Linear(4).Relu().Linear(64).Sigmoid();
                return x * {|HYB1007:s|};
            }
            """) { Dims = "B, H, W" },
        new("skip pooled once more than the branch", """
            [Spec] static Sym Forward([Shape("B, 16, H, W")] Sym x)
            {
                var y = x.Conv2d(32, k: 3, stride: 2, pad: 1).BatchNorm().Relu();
                var skip = x.Conv2d(32, k: 1).AvgPool2d(4);
                return y + {|HYB1007:skip|};
            }
            """) { Dims = "B, H, W", Where = "H % 4 == 0, W % 4 == 0" },
        new("covariance head without a diagonal that is positive", """
            [Spec] static Sym Value([Shape("B, 2")] Sym mean, [Shape("B, 2")] Sym logVariance, [Shape("B, 2")] Sym target)
                => mean.GaussianNll({|HYB3007:logVariance|}, target);
            """) { IsLoss = true },
        new("probabilities that come of a softmax in a cross-entropy by hand", """
            [Spec] static Sym Value([Shape("B, 10")] Sym scores, [Shape("B"), Int64] Sym label)
            {
                var p = scores.Softmax();
                return -{|HYB3003:p|}.LogSoftmax().Gather(label.Unsqueeze(1), 1).Mean();
            }
            """) { IsLoss = true },
        new("labels of one class too many", """
            [Spec] static Sym Value([Shape("B, 10")] Sym logits, [Shape("B"), Int64] Sym label)
            {
                var target = label.OneHot(11);
                return logits.CrossEntropy({|HYB3001:target|});
            }
            """) { IsLoss = true },
        new("a table too short for what is looked up", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x)
            {
                var words = x.Linear(1000).{|HYB4015:ArgMax()|};
                var table = Sym.Parameter("500, 32");
                return table.Lookup({|HYB1032:words|}).Gru(16).sequence;
            }
            """) { Dims = "B, T" },
        new("crop larger than the image", """
            [Spec] static Sym Forward([Shape("B, 3, 48, 48")] Sym x)
            {
                var crop = x.Slice(2, 8, {|HYB1005:48|});
                return crop.Conv2d(8, k: 3).MeanPool2d().Linear(2);
            }
            """),
        new("convolution pinned to the channels of another", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                var h = x.Conv2d(32, k: 3, pad: 1).Relu().Cat(x);
                return h.Conv2d(64, k: 3, pad: 1, inputs: {|HYB1002:32|});
            }
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8" },
        new("shared encoder of two image sizes with a linear head", """
            [Spec] static Sym Forward([Shape("B, 1, 28, 28")] Sym a, [Shape("B, 1, 32, 32")] Sym b)
            {
                var conv = Layer.Conv2d(8, k: 3);
                var head = Layer.Linear(16);
                var left = head.On(conv.On(a).Relu().Flatten());
                var right = head.{|HYB4003:On(conv.On(b).Relu().Flatten())|};
                return (left - right).Square().Sum(1);
            }
            """),
        new("dice over batch and places at once", """
            [Spec] static Sym Value([Shape("B, 1, 64, 64")] Sym logits, [Shape("B, 1, 64, 64")] Sym mask)
            {
                var p = logits.Sigmoid();
                var overlap = (p * mask).{|HYB1029:Sum(0)|};
                return 1 - (2 * overlap / (p.Sum(0) + mask.Sum(0) + 1)).Mean();
            }
            """) { IsLoss = true },
        new("depth as a loop over a param", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param] int layers = 3)
            {
                for (var i = 0; {|HYB4005:i < layers|}; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("a head's weight for a sequence of any length", """
            [Spec] static Sym Forward([Shape("B, T, 16")] Sym x)
            {
                var h = x.Gru(32).sequence;
                return h.Flatten().{|HYB1020:Linear(2)|};
            }
            """) { Dims = "B, T" },
        new("maps upsampled before they are added to the wrong level", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                var c1 = x.Conv2d(32, k: 3, stride: 2, pad: 1).Relu();
                var c2 = c1.Conv2d(32, k: 3, stride: 2, pad: 1).Relu();
                var c3 = c2.Conv2d(32, k: 3, stride: 2, pad: 1).Relu();
                return c3.Upsample(2) + {|HYB1007:c1|};
            }
            """) { Dims = "B, H, W", Where = "H % 8 == 0, W % 8 == 0" },
        new("a promise of the wrong classes", """
            [Spec] [return: Shape("B, 100")] static Sym Forward([Shape("B, 3, 32, 32")] Sym x)
            {
                var h = x.Conv2d(32, k: 3, pad: 1).BatchNorm().Relu().MeanPool2d();
                return h.{|HYB1018:Linear(10)|};
            }
            """),
        new("squeeze of all axes of one, batch among them", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var score = x.Linear(1);
                return score.{|HYB1011:Squeeze()|};
            }
            """),
        new("time reversed embeddings: sine of a table over positions of the wrong axis", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x, [Shape("T")] Sym time)
            {
                var phase = time.Unsqueeze(0) * {|HYB1007:Sym.Parameter("16")|};
                return x + phase.Sin().Cat(phase.Cos());
            }
            """) { Dims = "B, T" },
        new("a mean of means that is taken over a symbol's squeeze", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, N, 8")] Sym x)
            {
                var h = x.Linear(8).Relu();
                return h.Squeeze({|HYB1011:1|});
            }
            """) { Dims = "B, N" },
        new("soft targets that are ids", """
            [Spec] static Sym Value([Shape("B, 50, T")] Sym logits, [Shape("B, T")] Sym ids)
                => logits.CrossEntropy({|HYB3002:ids|});
            """) { Dims = "B, T", IsLoss = true },
        new("sigmoid of a heat map given to a loss of logits elsewhere", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                var p = x.Conv2d(1, k: 1).Sigmoid();
                return {|HYB3003:p|}.Sigmoid();
            }
            """) { Dims = "B, H, W" },
        new("ensembles' spread of a single member", """
            [Spec] static Sym Forward([Shape("B, 1, 8")] Sym members)
                => members.Var({|HYB2001:1|}).Sqrt();
            """),
        new("the class of one logit by argmax", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var logit = x.Linear(16).Relu().Linear(1);
                return logit.{|HYB1028:ArgMax()|};
            }
            """),
        new("an activation called and forgotten", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x)
            {
                var h = x.Linear(16);
                h.{|HYB4001:Relu()|};
                return h.Linear(2);
            }
            """),
        new("a table of positions cut to any length", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x)
            {
                var position = Sym.Parameter("128, 32");
                return (x + position.Range(0, "0", {|HYB1005:"T"|})).Attention(4);
            }
            """) { Dims = "B, T" },
        new("true where there is padding", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x, [Shape("B, T"), Bool] Sym isPadding)
            {
                return x.Attention(4, mask: {|HYB1029:isPadding|});
            }
            """) { Dims = "B, T" },
        new("a float mask into attention", """
            [Spec] static Sym Forward([Shape("B, T, 32")] Sym x, [Shape("B, T")] Sym mask)
            {
                return x.Attention(4, mask: {|HYB1023:mask|});
            }
            """) { Dims = "B, T" },
        new("hard gates of experts", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var gates = x.Linear(4).{|HYB4015:ArgMax()|}.OneHot(4);
                var experts = x.Linear(32).Reshape("B, 4, 8");
                return (gates.Unsqueeze(-1) * experts).Sum(1);
            }
            """),
        new("a threshold in the middle of a network", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var mask = {|HYB4015:x.Linear(16) > 0|};
                return (mask * x).Linear(2);
            }
            """),
        new("network that detaches what it returns", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x)
            {
                var h = x.Linear(32).Relu();
                return h.Linear(4).{|HYB4015:Detach()|};
            }
            """),
        new("label smoothing targets along a new last axis", """
            [Spec] static Sym Value([Shape("B, 50, T")] Sym logits, [Shape("B, T"), Int64] Sym label)
            {
                var soft = label.OneHot(50);
                return logits.CrossEntropy({|HYB3001:soft|});
            }
            """) { Dims = "B, T", IsLoss = true },
    ];
}
