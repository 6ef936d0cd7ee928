using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Slips in well-known architectures and the losses they are trained with.</summary>
internal static partial class FaultySpecs
{
    private static IEnumerable<FaultySpec> Architectures =>
    [
        new("decoder: cross attention memory of another width", """
            [Spec] static Sym Forward([Shape("B, T, 256")] Sym x, [Shape("B, S, 512")] Sym memory)
            {
                x = x + x.Attention(8, causal: true);
                return x + x.MatMul(memory.{|HYB1017:Transpose()|}).Softmax().MatMul(memory);
            }
            """) { Dims = "B, S, T" },
        new("decoder: attention scores without transpose of the keys", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym q, [Shape("B, S, 64")] Sym k) => q.MatMul({|HYB1017:k|}).Softmax();
            """) { Dims = "B, S, T" },
        new("wavenet: residual without causal padding", """
            [Spec] static Sym Forward([Shape("B, 32, T")] Sym x)
            {
                var gate = x.Conv1d(32, k: 2, dilation: 4).Tanh();
                return x + {|HYB1007:gate|};
            }
            """) { Dims = "B, T", Where = "T >= 100" },
        new("wavenet: dilation larger than the clip", """
            [Spec] static Sym Forward([Shape("B, 1, 400")] Sym x) => x.Conv1d(16, k: {|HYB1005:2|}, dilation: 512);
            """),
        new("pointnet: points (B, N, 3) into Conv1d", """
            [Spec] static Sym Forward([Shape("B, N, 3")] Sym points) => {|HYB1003:points|}.Conv1d(64, k: 1).MeanPool1d();
            """) { Dims = "B, N" },
        new("pointnet: transform of 9 reshaped to 4x4", """
            [Spec] static Sym Forward([Shape("B, 64")] Sym x) => x.Linear(9).Reshape({|HYB1009:"B, 4, 4"|});
            """),
        new("segnet: five pools and four upsamples with promise", """
            [Spec] [return: Shape("B, 12, H, W")] static Sym Forward([Shape("B, 3, H, W")] Sym x)
            {
                for (var i = 0; i < 4; i++) x = x.Conv2d(16, k: 3, pad: 1).MaxPool2d(2);
                for (var i = 0; i < 3; i++) x = x.Upsample(2).Conv2d(12, k: 3, pad: 1);
                return {|HYB1018:x|};
            }
            """) { Dims = "B, H, W", Where = "H % 16 == 0, W % 16 == 0" },
        new("hrnet: fused without upsample", """
            [Spec] static Sym Forward([Shape("B, 32, 64, 64")] Sym high)
            {
                var mid = high.Conv2d(32, k: 3, stride: 2, pad: 1);
                return (high + {|HYB1007:mid|}).Relu();
            }
            """),
        new("hrnet: upsampled odd maps", """
            [Spec] static Sym Forward([Shape("B, 32, H, W")] Sym high)
            {
                var mid = high.Conv2d(32, k: 3, stride: 2, pad: 1);
                return (high + mid.{|HYB1007:Upsample(2)|}).Relu();
            }
            """) { Dims = "B, H, W", Where = "H >= 9, W >= 9" },
        new("convnext: LayerNorm over W instead of channels", """
            [Spec] static Sym Forward([Shape("B, 96, H, W")] Sym x) => x + x.Conv2d(96, k: 7, pad: 3, groups: 96).{|HYB1020:LayerNorm()|};
            """) { Dims = "B, H, W" },
        new("convnext: forgot the permute back", """
            [Spec] static Sym Forward([Shape("B, 96, 56, 56")] Sym x)
            {
                var y = x.Conv2d(96, k: 7, pad: 3, groups: 96).Permute(0, 2, 3, 1).LayerNorm().Linear(96);
                return x + {|HYB1007:y|};
            }
            """),
        new("mixer: token mixing on channel axis residual", """
            [Spec] static Sym Forward([Shape("B, 196, 512")] Sym x) => x + x.Transpose().Linear(256).Gelu().{|HYB1007:Linear(196)|};
            """),
        new("swin: windows of 7 on 224/4=56 but symbolic sizes without a fact", """
            [Spec] static Sym Forward([Shape("B, H, W, 96")] Sym x) => x.Reshape({|HYB1009:"B, H/7, 7, W/7, 7, 96"|}).Permute(0, 1, 3, 2, 4, 5);
            """) { Dims = "B, H, W" },
        new("swin: window partition without the permute", """
            [Spec] static Sym Forward([Shape("B, H, W, 96")] Sym x) => x.Reshape({|HYB1010:"B*(H/7)*(W/7), 49, 96"|});
            """) { Dims = "B, H, W", Where = "H % 7 == 0, W % 7 == 0" },
        new("seq2seq: hidden of bidirectional encoder fed to decoder width", """
            [Spec] static Sym Forward([Shape("B, S, 32")] Sym x, [Shape("B, 128")] Sym state)
            {
                var encoded = x.Gru(128, bidirectional: true).sequence;
                return encoded + state.{|HYB1007:Unsqueeze(1)|};
            }
            """) { Dims = "B, S" },
        new("seq2seq: logits against targets shifted by one", """
            [Spec] static Sym Value([Shape("B, T, 5000")] Sym logits, [Shape("B, T-1"), Int64] Sym target) => logits.CrossEntropy({|HYB3001:target|});
            """) { Dims = "B, T", Where = "T >= 2", IsLoss = true },
        new("seq2seq: (B, T, V) logits into cross entropy with (B, T) targets", """
            [Spec] static Sym Value([Shape("B, T, 5000")] Sym logits, [Shape("B, T"), Int64] Sym target) => {|HYB3001:logits|}.CrossEntropy(target);
            """) { Dims = "B, T", IsLoss = true },
        new("simclr: NT-Xent labels of 2B for B logits", """
            [Spec] static Sym Value([Shape("2*B, 2*B")] Sym logits, [Shape("B"), Int64] Sym target) => logits.CrossEntropy({|HYB3001:target|});
            """) { IsLoss = true },
        new("simclr: normalised by sum over the batch", """
            [Spec] static Sym Forward([Shape("B, 128")] Sym a) => a / a.Square().Sum(1).{|HYB1007:Sqrt()|};
            """) { Where = "B >= 2" },
        new("aspp: wrong padding for dilation", """
            [Spec] static Sym Forward([Shape("B, 256, 33, 33")] Sym x)
            {
                var a = x.Conv2d(64, k: 1);
                var b = x.Conv2d(64, k: 3, pad: 1, dilation: 6);
                return a.Cat({|HYB1006:b|});
            }
            """),
        new("aspp: pooled branch not expanded", """
            [Spec] static Sym Forward([Shape("B, 256, 33, 33")] Sym x)
            {
                var a = x.Conv2d(64, k: 1);
                var pooled = x.Mean((2, 3), keep: true).Conv2d(64, k: 1);
                return a.Cat({|HYB1006:pooled|});
            }
            """),
        new("aspp: batch norm after global pool at batch 1", """
            [Spec] static Sym Forward([Shape("1, 256, 33, 33")] Sym x) => x.Mean((2, 3), keep: true).{|HYB2001:Conv2d(64, k: 1)|}.BatchNorm();
            """),
        new("fpn: lateral of other channels", """
            [Spec] static Sym Forward([Shape("B, 256, H, W")] Sym c4, [Shape("B, 512, H/2, W/2")] Sym c5) => c4 + c5.{|HYB1007:Upsample(2)|};
            """) { Dims = "B, H, W", Where = "H % 32 == 0, W % 32 == 0" },
        new("fpn: sizes not multiples of 32", """
            [Spec] static Sym Forward([Shape("B, 64, H, W")] Sym x)
            {
                var c4 = x.Conv2d(64, k: 3, stride: 2, pad: 1);
                var c5 = c4.Conv2d(64, k: 3, stride: 2, pad: 1);
                return c4 + c5.{|HYB1007:Upsample(2)|};
            }
            """) { Dims = "B, H, W", Where = "H >= 64, W >= 64" },
        new("capsules: reshape count off", """
            [Spec] static Sym Forward([Shape("B, 256, 6, 6")] Sym x) => x.Reshape({|HYB1009:"B, 1152, 16"|});
            """),
        new("capsules: primary capsules by plain view", """
            [Spec] static Sym Forward([Shape("B, 1, 28, 28")] Sym x) => x.Conv2d(256, k: 9).Conv2d(256, k: 9, stride: 2).Reshape({|HYB1010:"B, 1152, 8"|});
            """),
        new("multi head: heads reshaped without permute", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x) => x.Linear(64).Reshape({|HYB1010:"B, 4, T, 16"|});
            """) { Dims = "B, T" },
        new("multi head: joined without permute back", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var heads = x.Reshape("B, T, 4, 16").Permute(0, 2, 1, 3);
                return heads.Reshape({|HYB1010:"B, T, 64"|});
            }
            """) { Dims = "B, T" },
        new("multi head: 12 heads of 100", """
            [Spec] static Sym Forward([Shape("B, T, 100")] Sym x) => x.Attention({|HYB1012:12|});
            """) { Dims = "B, T" },
        new("vit: position embedding of 196 with class token", """
            [Spec] static Sym Forward([Shape("B, 3, 224, 224")] Sym image, [Shape("1, 1, 768")] Sym token, [Shape("1, 196, 768")] Sym position)
            {
                var patches = image.Conv2d(768, k: 16, stride: 16).Flatten(2).Transpose();
                return token.Expand("B, 1, 768").Cat(patches, axis: 1) + {|HYB1007:position|};
            }
            """),
        new("vit: flatten from axis 1", """
            [Spec] [return: Shape("B, 196, 768")] static Sym Forward([Shape("B, 3, 224, 224")] Sym image) => image.Conv2d(768, k: 16, stride: 16).Flatten().{|HYB1018:Transpose()|};
            """),
        new("vit: class token not expanded", """
            [Spec] static Sym Forward([Shape("B, 196, 768")] Sym patches, [Shape("1, 1, 768")] Sym token) => token.Cat({|HYB1006:patches|}, axis: 1);
            """) { Where = "B >= 2" },
        new("unet: three levels odd", """
            [Spec] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var a = x.Conv2d(8, k: 3, pad: 1);
                var b = a.MaxPool2d(2).Conv2d(16, k: 3, pad: 1);
                var c = b.MaxPool2d(2).Conv2d(32, k: 3, pad: 1);
                var up = c.{|HYB1015:ConvTranspose2d(16, k: 2, stride: 2)|}.Cat(b).Conv2d(16, k: 3, pad: 1);
                return up.ConvTranspose2d(8, k: 2, stride: 2).Cat(a);
            }
            """) { Dims = "B, H, W", Where = "H >= 32, W >= 32" },
        new("gan: generator of 64 promised 128", """
            [Spec] [return: Shape("B, 3, 128, 128")] static Sym Forward([Shape("B, 100, 1, 1")] Sym z)
            {
                var x = z.ConvTranspose2d(512, k: 4).Relu();
                for (var i = 0; i < 3; i++) x = x.ConvTranspose2d(256 >> i, k: 4, stride: 2, pad: 1).Relu();
                return x.{|HYB1015:ConvTranspose2d(3, k: 4, stride: 2, pad: 1)|}.Tanh();
            }
            """),
        new("gan: noise vector without map axes", """
            [Spec] static Sym Forward([Shape("B, 100")] Sym z) => {|HYB1004:z|}.ConvTranspose2d(512, k: 4).Relu();
            """),
        new("gan loss: discriminator (B, 1, 1, 1) against labels (B)", """
            [Spec] static Sym Value([Shape("B, 1, 1, 1")] Sym score, [Shape("B")] Sym label) => score.BceWithLogits({|HYB3005:label|});
            """) { IsLoss = true },
        new("vae: split of odd latent", """
            [Spec] static Sym Forward([Shape("B, 784")] Sym x) { var (m, s) = x.Linear(31).Chunk({|HYB1022:2|}); return m + s; }
            """),
        new("vae loss: gaussian nll of log variance", """
            [Spec] static Sym Value([Shape("B, 3")] Sym mean, [Shape("B, 3")] Sym logVariance, [Shape("B, 3")] Sym target) => mean.GaussianNll({|HYB3007:logVariance|}, target);
            """) { IsLoss = true },
        new("vae loss: kl per example added to a mean", """
            [Spec] static Sym Value([Shape("B, 784")] Sym logits, [Shape("B, 784")] Sym image, [Shape("B, 20")] Sym mean) => {|HYB1018:logits.BceWithLogits(image) + mean.Square().Sum(1)|};
            """) { IsLoss = true },
        new("dqn: gathered q (B, 1) minus reward (B)", """
            [Spec] static Sym Value([Shape("B, 4")] Sym q, [Shape("B, 4")] Sym chosen, [Shape("B")] Sym reward) => ((q * chosen).Sum(1, keep: true) - {|HYB3005:reward|}).Square().Mean();
            """) { IsLoss = true },
        new("segmentation: cross entropy of channels-last logits", """
            [Spec] static Sym Value([Shape("B, H, W, 5")] Sym logits, [Shape("B, H, W"), Int64] Sym target) => {|HYB3001:logits|}.CrossEntropy(target);
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8", IsLoss = true },
        new("segmentation: half size logits", """
            [Spec] static Sym Value([Shape("B, 5, H/2, W/2")] Sym logits, [Shape("B, H, W"), Int64] Sym target) => logits.CrossEntropy({|HYB3001:target|});
            """) { Dims = "B, H, W", Where = "H >= 8, W >= 8", IsLoss = true },
        new("lstm: last of (B, T, F) taken as time-major", """
            [Spec] static Sym Forward([Shape("T, B, 8")] Sym x) => {|HYB1013:x|}.Lstm(16).sequence;
            """) { Dims = "B:batch, T:time" },
        new("lstm: linear over all times flattened", """
            [Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Lstm(16).sequence.Flatten().{|HYB1020:Linear(1)|};
            """) { Dims = "B, T" },
        new("embedding of floats", """
            [Spec] static Sym Forward([Shape("B, T")] Sym x) => {|HYB1023:x|}.Embedding(100, 8);
            """) { Dims = "B, T" },
        new("conv over embedding without transpose", """
            [Spec] static Sym Forward([Shape("B, T"), Int64] Sym x) => x.{|HYB1003:Embedding(100, 64)|}.Conv1d(32, k: 3).MeanPool1d();
            """) { Dims = "B, T", Where = "T >= 5" },
        new("groupnorm 32 on 80 channels", """
            [Spec] static Sym Forward([Shape("B, 80, 8, 8")] Sym x) => x.GroupNorm({|HYB1014:32|});
            """),
        new("depthwise with wrong groups", """
            [Spec] static Sym Forward([Shape("B, 48, 8, 8")] Sym x) => x.Conv2d(96, k: 3, pad: 1, groups: {|HYB1014:96|});
            """),
        new("shuffle: reshape of 3 groups without transpose is fine but groups do not divide", """
            [Spec] static Sym Forward([Shape("B, 50, H, W")] Sym x) => x.Reshape({|HYB1009:"B, 3, 16, H, W"|});
            """) { Dims = "B, H, W" },
        new("siamese distance keeps axis", """
            [Spec] static Sym Value([Shape("B, 16")] Sym a, [Shape("B, 16")] Sym b, [Shape("B")] Sym same) => ((a - b).Square().Sum(1, keep: true) * {|HYB3005:same|}).Mean();
            """) { IsLoss = true },
        new("mdn: mixture weights not normalised over components", """
            [Spec] static Sym Value([Shape("B, 5")] Sym logits, [Shape("B, 5, 1")] Sym mean, [Shape("B")] Sym target) => ((mean - {|HYB3005:target|}).Square().Sum(2) * logits.Softmax()).Mean();
            """) { IsLoss = true },
        new("adjacency of another graph", """
            [Spec] static Sym Forward([Shape("B, N, 16")] Sym nodes, [Shape("B, M, M")] Sym adjacency) => adjacency.MatMul({|HYB1017:nodes|});
            """) { Dims = "B, N, M", Where = "N >= 2, M >= 2" },
        new("flatten with the batch", """
            [Spec] static Sym Forward([Shape("B, 3, 8, 8")] Sym x) => x.Flatten(0).{|HYB1020:Linear(10)|};
            """),
        new("literal batch in expand", """
            [Spec] static Sym Forward([Shape("B, 16, 8")] Sym x, [Shape("1, 1, 8")] Sym token) => token.Expand("32, 1, 8").Cat({|HYB1006:x|}, axis: 1);
            """),
        new("mean over the batch instead of time", """
            [Spec] [return: Shape("B, 8")] static Sym Forward([Shape("B, T, 8")] Sym x) => x.{|HYB1018:Mean(0)|};
            """) { Dims = "B, T" },
        new("squeeze without axis after pool", """
            [Spec] static Sym Forward([Shape("B, 64, 1, 1")] Sym x) => x.{|HYB1011:Squeeze()|}.Linear(10);
            """),
        new("conv3d on single volume without channel", """
            [Spec] static Sym Forward([Shape("B, 32, 64, 64")] Sym x) => {|HYB1004:x|}.Conv3d(8, k: 3);
            """),
        new("avg pool to nothing", """
            [Spec] static Sym Forward([Shape("B, 8, 5, 5")] Sym x) => x.AvgPool2d({|HYB1005:7|}).Flatten().Linear(2);
            """),
        new("sqrt of a possibly negative", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x) => x.{|HYB3007:Linear(1)|}.Sqrt();
            """),
        new("two inputs of other batches", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Shape("N, 8")] Sym y) => x.Cat({|HYB1006:y|});
            """) { Dims = "B, N", Where = "B >= 2, N >= 2" },
        new("class weights of ten", """
            [Spec] static Sym Value([Shape("B, 7")] Sym x, [Shape("B"), Int64] Sym t, [Shape("10")] Sym w) => (x * {|HYB1007:w|}).CrossEntropy(t);
            """) { IsLoss = true },
        new("upsample bilinear of flat", """
            [Spec] static Sym Forward([Shape("B, 64")] Sym x) => {|HYB1004:x|}.Upsample(2);
            """),
        new("resnet: stride in both and skip k1 stride 1", """
            [Spec] static Sym Forward([Shape("B, 64, H, W")] Sym x)
            {
                var y = x.Conv2d(128, k: 3, stride: 2, pad: 1).BatchNorm().Relu().Conv2d(128, k: 3, stride: 2, pad: 1).BatchNorm();
                var skip = x.Conv2d(128, k: 1, stride: 2).BatchNorm();
                return (y + {|HYB1007:skip|}).Relu();
            }
            """) { Dims = "B, H, W" },
        new("densenet: growth pinned", """
            [Spec] static Sym Forward([Shape("B, 64, 8, 8")] Sym x)
            {
                for (var i = 0; i < 6; i++) x = x.Cat(x.BatchNorm().Relu().Conv2d(32, k: 3, pad: 1));
                return x.Conv2d(128, k: 1, inputs: {|HYB1002:64 + 5 * 32|});
            }
            """),
        new("learned query of wrong width", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x)
            {
                var latents = Sym.Parameter("1, 16, 32");
                return latents.Expand("B, 16, 32").MatMul(x.{|HYB1017:Transpose()|});
            }
            """) { Dims = "B, T" },
        new("film: scale without map axes", """
            [Spec] static Sym Forward([Shape("B, 32, H, W")] Sym x, [Shape("B, 10")] Sym condition) => x * condition.{|HYB1007:Linear(32)|};
            """) { Dims = "B, H, W", Where = "H >= 2, W >= 2" },
        new("expected scalar type Float but found Long: token indices into a Linear", """
            [Spec] static Sym Forward([Shape("B, 8"), Int64] Sym tokens) => {|HYB1023:tokens|}.Linear(4);
            """),
        new("mean of token indices", """
            [Spec] static Sym Forward([Shape("B, 8"), Int64] Sym tokens) => {|HYB1023:tokens|}.Mean(1);
            """),
        new("a mask inverted by subtraction", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Shape("B, 8"), Bool] Sym mask) => x * (1 - {|HYB1023:mask|});
            """),
        new("attention mask of (source, target)", """
            [Spec] static Sym Forward([Shape("B, T, 64")] Sym x, [Shape("B, S, 64")] Sym m, [Shape("S, T"), Bool] Sym mask) => x.Attention(4, context: m, mask: {|HYB1007:mask|});
            """) { Dims = "B, T, S", Where = "T >= 2, S >= 2" },
        new("U-Net of five levels on multiples of 16", """
            [Spec] static Sym Forward([Shape("B, 1, H, W")] Sym x)
            {
                var a = x.Conv2d(8, k: 3, pad: 1);
                var b = a.MaxPool2d(2);
                var c = b.MaxPool2d(2);
                var d = c.MaxPool2d(2);
                var e = d.MaxPool2d(2);
                var y = e.MaxPool2d(2).Upsample(2).Cat({|HYB1006:e|});
                y = y.Upsample(2).Cat(d);
                return y.Upsample(8).Cat(a, x);
            }
            """) { Dims = "B, H, W", Where = "H % 16 == 0, W % 16 == 0" },
        new("kernel larger than the bounded height", """
            [Spec] static Sym Forward([Shape("B, 3, H, 9")] Sym x) => x.Conv2d(8, k: {|HYB1005:7|});
            """) { Dims = "B, H", Where = "H <= 4" },
        new("a slice of five steps of at least three", """
            [Spec] static Sym Forward([Shape("B, T, 8")] Sym x) => x.Slice(1, 0, {|HYB1005:5|});
            """) { Dims = "B, T", Where = "T >= 3" },
        new("strided convolution added to a pool that floors", """
            [Spec] static Sym Forward([Shape("B, 3, H, W")] Sym x) => x.Conv2d(3, k: 3, stride: 2, pad: 1) + x.{|HYB1007:AvgPool2d(2)|};
            """) { Dims = "B, H, W", Where = "H >= 2, W >= 2" },
    ];
}
