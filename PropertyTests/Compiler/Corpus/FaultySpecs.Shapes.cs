using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Shapes that do not fit: HYB1xxx.</summary>
internal static partial class FaultySpecs
{
    private static IEnumerable<FaultySpec> Shapes =>
    [
        // Linear after flatten.
        Net("mat1 and mat2 shapes cannot be multiplied (64x7680 and 9216x128)", "B, 64, 40, 48", """
            x = x.MaxPool2d(4).Flatten();
            return x.Linear(128, inputs: {|HYB1001:9216|});
            """),
        Net("LeNet of 32x32 images on MNIST's 28x28", "B, 1, 28, 28", """
            x = x.Conv2d(6, k: 5).Relu().MaxPool2d(2).Conv2d(16, k: 5).Relu().MaxPool2d(2);
            return x.Flatten().Linear(120, inputs: {|HYB1001:16 * 5 * 5|}).Relu().Linear(10);
            """),
        Net("AlexNet's classifier on images of 128 pixels", "B, 3, 128, 128", """
            x = x.Conv2d(64, k: 11, stride: 4, pad: 2).Relu().MaxPool2d(3, stride: 2).Conv2d(256, k: 5, pad: 2).Relu().MaxPool2d(3, stride: 2);
            return x.Flatten().Linear(4096, inputs: {|HYB1001:9216|});
            """),
        Net("VGG-16's classifier on CIFAR", "B, 3, 32, 32", """
            for (var i = 0; i < 5; i++) x = x.Conv2d(64 << i, k: 3, pad: 1).Relu().MaxPool2d(2);
            return x.Flatten().Linear(4096, inputs: {|HYB1001:25088|});
            """),
        Net(
            "the average pool before fc was removed: 25088 where 512 was",
            "B, 512, 7, 7",
            "return x.Flatten().Linear(1000, inputs: {|HYB1001:512|});"),
        Net("forgot to flatten before the classifier", "B, 16, 5, 5", "return x.Linear(120, inputs: {|HYB1001:400|});"),
        Net(
            "features of two branches are concatenated, fc was made for one",
            "B, 64",
            "return x.Relu().Cat(x.Tanh()).Linear(10, inputs: {|HYB1001:64|});"),
        Net("the padding of one convolution was forgotten", "B, 3, 32, 32", """
            x = x.Conv2d(32, k: 3, pad: 1).Relu().Conv2d(32, k: 3).Relu().MaxPool2d(2);
            return x.Flatten().Linear(512, inputs: {|HYB1001:32 * 16 * 16|});
            """),
        new("a head shared by all blocks is pinned to one block's width", """
            [Block] static Sym Head(Sym x) => x.Linear(8, inputs: {|HYB1001:16|});
            [Spec] static Sym Forward([Shape("B, 16")] Sym x) => Head(x) + Head(x.Linear(32));
            """),

        // Channels of a convolution.
        Net(
            "expected input[16, 1, 28, 28] to have 3 channels, but got 1 channels instead",
            "B, 1, 28, 28",
            "return x.Conv2d(64, k: 7, inputs: {|HYB1002:3|});"),
        Net(
            "PNG with an alpha channel into an RGB network",
            "B, 4, 64, 64",
            "return x.Conv2d(64, k: 7, stride: 2, pad: 3, inputs: {|HYB1002:3|});"),
        Net("U-Net decoder forgets that the skip doubles its channels", "B, 64, 32, 32", """
            var up = x.Conv2d(64, k: 3, stride: 2, pad: 1).ConvTranspose2d(64, k: 2, stride: 2);
            return up.Cat(x).Conv2d(64, k: 3, pad: 1, inputs: {|HYB1002:64|});
            """),
        Net(
            "generator fed with channels of the discriminator",
            "B, 100, 1, 1",
            "return x.ConvTranspose2d(512, k: 4, inputs: {|HYB1002:128|}).Relu();"),

        // Layouts.
        Net(
            "expected input[1, 224, 224, 3] to have 3 channels, but got 224 channels instead",
            "B, H, W, 3",
            "return {|HYB1003:x|}.Conv2d(64, k: 7, stride: 2, pad: 3);",
            dims: "B, H, W"),
        Net("images tagged channels-last", "B, H, W, 3", "return {|HYB1003:x|}.MaxPool2d(2);", dims: "B:batch, H:spatial, W:spatial"),
        Net(
            "batch norm after a permute for plotting was left in",
            "B, 8, 16, 16",
            "return x.Conv2d(16, k: 3, pad: 1).{|HYB1003:Permute(0, 2, 3, 1)|}.BatchNorm();"),
        Net("skip added in the other layout, both 16x16x16", "B, 8, 16, 16", """
            var y = x.Conv2d(16, k: 3, pad: 1);
            var tokens = y.Permute(0, 2, 3, 1).LayerNorm();
            return tokens + {|HYB1003:y|};
            """),
        Net("Conv1d over (batch, time, features)", "B, T, 64", "return {|HYB1003:x|}.Conv1d(128, k: 3, pad: 1);", dims: "B:batch, T:time"),

        // Ranks.
        Net(
            "expected 4-dimensional input, got 3-dimensional input of size [3, 224, 224]",
            "3, 224, 224",
            "return {|HYB1004:x|}.Conv2d(64, k: 7);"),
        Net("one grey image a row without its channel axis", "B, 28, 28", "return {|HYB1004:x|}.Conv2d(32, k: 3);"),
        Net("convolution after the flatten", "B, 3, 32, 32", "return x.Conv2d(8, k: 3).{|HYB1004:Flatten()|}.Conv2d(8, k: 3);"),
        Net("Conv3d on images", "B, 3, 32, 32", "return {|HYB1004:x|}.Conv3d(8, k: 3);"),
        Net("features concatenated with maps", "B, 8, 4, 4", "return x.Cat(x.{|HYB1004:MeanPool2d()|});"),
        Net("global pooling twice", "B, 8, 4, 4", "return x.{|HYB1004:MeanPool2d()|}.MeanPool2d();"),
        Net("softmax over an axis that is not there", "B, 10", "return x.Softmax({|HYB1004:2|});"),
        Net("permute of four axes on a sequence", "B, T, 8", "return x.Permute({|HYB1004:0|}, 3, 1, 2);", dims: "B, T"),
        Net("BatchNorm on one feature vector", "8", "return {|HYB1004:x|}.BatchNorm();"),

        // Sizes below one.
        Net("Kernel size can't be greater than actual input size", "B, 8, 3, 3", "return x.Conv2d(8, k: {|HYB1005:5|});"),
        Net("given input size (512x1x1), calculated output size (512x0x0): five pools of a 16 pixel image", "B, 3, 16, 16", """
            for (var i = 0; i < 5; i++) x = x.Conv2d(16, k: 3, pad: 1).Relu().MaxPool2d({|HYB1005:2|});
            return x.Flatten().Linear(10);
            """),
        Net("dilated convolution on a small map", "B, 8, 7, 7", "return x.Conv2d(8, k: {|HYB1005:3|}, dilation: 4);"),
        Net(
            "images of any size down to one pixel into a 7x7 stem",
            "B, 3, H, W",
            "return x.Conv2d(64, k: {|HYB1005:(7, 1)|}, stride: 2).MeanPool2d();",
            dims: "B, H, W", where: "H >= 1"),
        Net("a width computed to zero", "B, 8", "return x.Linear({|HYB1026:8 / 16|});"),
        Net("stride zero by integer division", "B, 3, 8, 8", "return x.Conv2d(8, k: 3, stride: {|HYB1026:1 / 2|});"),
        Net("pad of a pool larger than half its kernel", "B, 3, 8, 8", "return x.MaxPool2d(2, pad: {|HYB1026:2|});"),
        Net(
            "output padding must be smaller than stride",
            "B, 8, 4, 4",
            "return x.ConvTranspose2d(8, k: 3, stride: 2, outputPad: {|HYB1026:2|});"),
        Net(
            "windows that hang over the end of a series of any length",
            "B, 3, H, 8",
            "return x.MaxPool2d(2, stride: 3, ceil: {|HYB1027:true|});",
            dims: "B, H"),
        Net("the slice of the last channels is off by one", "B, 8", "return x.Slice(1, 4, {|HYB1005:5|});"),
        Net("crop to a larger map", "B, 8, 4, 4", "var up = x.Upsample(2); return x.CropTo({|HYB1005:up|});"),

        // Concatenation.
        Net("Sizes of tensors must match except in dimension 1. Expected size 350 but got size 351: U-Net on odd sizes", "B, 8, H, 32", """
            var down = x.MaxPool2d((2, 1)).Relu();
            return down.Upsample((2, 1)).Cat({|HYB1006:x|});
            """, dims: "B, H", where: "H >= 16"),
        Net("original U-Net: unpadded convolutions, skip not cropped", "B, 8, 32, 32", """
            var y = x.Conv2d(8, k: 3).Relu();
            return y.Cat({|HYB1006:x|}).Conv2d(8, k: 1);
            """),
        Net(
            "inception branch of kernel 5 padded like kernel 3",
            "B, 8, 28, 28",
            "return x.Conv2d(16, k: 3, pad: 1).Cat(x.{|HYB1006:Conv2d(16, k: 5, pad: 1)|});"),
        Net("features joined along the batch axis", "B, 8", "return x.Cat(x.{|HYB1006:Linear(4)|}, axis: 0);"),
        Net("joined along the channel axis, wanted along time", "B, T, 8", "return x.Cat(x.{|HYB1006:Linear(16)|});", dims: "B, T"),
        Net(
            "GoogLeNet's pool branch without stride 1",
            "B, 8, 28, 28",
            "return x.Conv2d(16, k: 1).Cat(x.{|HYB1006:MaxPool2d(3, stride: 2, pad: 1)|});"),

        // Sums.
        Net(
            "The size of tensor a (512) must match the size of tensor b (256): skip not projected",
            "B, 256, 14, 14",
            "var y = x.Conv2d(512, k: 3, pad: 1); return y + {|HYB1007:x|};"),
        Net(
            "ResNet block of stride 2 with an identity skip",
            "B, 64, H, W",
            "var y = x.Conv2d(64, k: 3, stride: 2, pad: 1).BatchNorm(); return y + {|HYB1007:x|};",
            dims: "B, H, W"),
        Net("residual of an unpadded convolution", "B, 16, 32, 32", "var y = x.Conv2d(16, k: 3).Relu(); return y + {|HYB1007:x|};"),
        Net("position embedding of 196 for 197 tokens", "B, 196, 64", """
            return x.Cat(x.Mean(1, keep: true)) + {|HYB1007:position|};
            """, more: """, [Shape("196, 64")] Sym position"""),
        Net("time embedding has another width than the features", "B, 64", "return x + x.{|HYB1007:Linear(32)|};"),
        Net(
            "attention mask of (time, batch)",
            "B, T, T",
            "return x + {|HYB1007:mask|};",
            dims: "B, T", where: "T >= 2",
            more: """, [Shape("T, B")] Sym mask"""),
        Net("encoder and decoder states of other widths", "B, 128", "return x.Linear(64).Tanh() * x.Linear(32).{|HYB1007:Sigmoid()|};"),
        Net(
            "mean of the target's 10 classes subtracted from 7 logits",
            "B, 7",
            "return x - {|HYB1007:target|};",
            more: """, [Shape("B, 10")] Sym target"""),

        // Broadcasting.
        Net("Q(s, a) of (B, 1) minus a target of (B)", "B, 1", "return x - {|HYB1008:target|};", more: """, [Shape("B")] Sym target"""),
        Net("advantage: (B) against a value head of (B, 1)", "B", "return x - {|HYB1008:value|};", more: """, [Shape("B, 1")] Sym value"""),
        Net("per-example weights times losses of (B, 1)", "B, 1", "return x * {|HYB1008:weight|};", more: """, [Shape("B")] Sym weight"""),

        // Reshapes.
        Net("shape '[-1, 115200]' is invalid for input", "B, 8, 30, 30", """return x.Reshape({|HYB1009:"-1, 115200"|});"""),
        Net("view of a 16x4x4 map as 400", "B, 16, 4, 4", """return x.Reshape({|HYB1009:"B, 400"|}).Linear(10);"""),
        Net("heads do not fill the width", "B, T, 100", """return x.Reshape({|HYB1009:"B, T, 8, 12"|});""", dims: "B, T"),
        Net("two sizes left open", "B, 8, 4, 4", """return x.Reshape({|HYB1009:"B, -1, -1"|});"""),
        Net("latent of 64 unflattened to 128 channels", "B, 64", """return x.Reshape({|HYB1009:"B, 128, 1, 1"|});"""),
        Net(
            "ViT: image map reshaped to tokens without a transpose",
            "B, 64, H, W",
            """return x.Reshape({|HYB1010:"B, H*W, 64"|});""",
            dims: "B, H, W"),
        Net(
            "time-major output of a recurrent network read as batch-major",
            "T, B, 16",
            """return x.Reshape({|HYB1010:"B, T*16"|}).Mean(1);""",
            dims: "T, B"),
        Net("heads joined before they are permuted back", "B*6, T, 8", """return x.Reshape({|HYB1010:"B, T, 48"|});""", dims: "B, T"),
        Net("height and width swapped by a reshape", "B, 3, H, W", """return x.Reshape({|HYB1010:"B, 3, W, H"|});""", dims: "B, H, W"),
        Net("squeeze() removes the batch of one at inference", "B, 1", "return x.Linear(1).{|HYB1011:Squeeze()|};"),
        Net("squeeze() of a (B, 1, 28, 28) batch", "B, 1, 28, 28", "return x.{|HYB1011:Squeeze()|};"),
        Net("squeeze of the wrong axis", "B, 1, 28", "return x.Squeeze({|HYB1011:2|});"),
        Net("squeeze of a regression head with two outputs", "B, 8", "return x.Linear(2).Squeeze({|HYB1011:1|});"),

        // Groups, norms, transposes.
        Net(
            "in_channels must be divisible by groups: depthwise with groups of the next block",
            "B, 32, 8, 8",
            "return x.Conv2d(64, k: 3, pad: 1, groups: {|HYB1014:64|});"),
        Net("out_channels must be divisible by groups", "B, 64, 8, 8", "return x.Conv2d(96, k: 1, groups: {|HYB1014:64|});"),
        Net(
            "num_channels must be divisible by num_groups: GroupNorm(32) of 48 channels",
            "B, 48, 8, 8",
            "return x.GroupNorm({|HYB1014:32|});"),
        Net("ResNeXt's 32 groups on a slim network", "B, 48, 8, 8", "return x.Conv2d(96, k: 3, pad: 1, groups: {|HYB1014:32|});"),
        Net("autoencoder gives 27x27 for 28x28", "B, 1, 28, 28", """
            var code = x.Conv2d(8, k: 3, stride: 2, pad: 1).Relu();
            var back = code.{|HYB1015:ConvTranspose2d(1, k: 3, stride: 2, pad: 1)|};
            return (back.Sigmoid() - x).Square();
            """),
        Net("decoder of odd sizes is one short", "B, 8, H, 16", """
            var up = x.MaxPool2d((2, 1)).{|HYB1015:ConvTranspose2d(8, k: (2, 1), stride: (2, 1))|};
            return up.Cat(x);
            """, dims: "B, H", where: "H >= 2"),
        Net("variational decoder promises the images' 28 pixels and gives 27", "B, 32, 7, 7", """
            var middle = x.ConvTranspose2d(16, k: 3, stride: 2, pad: 1, outputPad: 1).Relu();
            return middle.{|HYB1015:ConvTranspose2d(1, k: 3, stride: 2, pad: 1)|}.Sigmoid();
            """, promise: "B, 1, 28, 28"),
        Net(
            "segmentation head: height fits, width does not",
            "B, 8, 9, 8",
            "return x.Conv2d(8, k: 3, stride: 2, pad: 1).{|HYB1015:ConvTranspose2d(8, k: 3, stride: 2, pad: 1)|}.BatchNorm().Relu() + x;"),
        Net("running_mean should contain 128 elements not 64", "B, 128, 8, 8", "return x.BatchNorm(features: {|HYB1016:64|});"),
        Net("BatchNorm of the old width after the layer was widened", "B, 8", "return x.Linear(256).BatchNorm(features: {|HYB1016:128|});"),
        Net("Q times K without a transpose", "B, 10, 64", "return x.Linear(32).MatMul(x.{|HYB1017:Linear(32)|});"),
        Net(
            "contrastive similarities: both sides (B, D)",
            "B, 64",
            "return x.MatMul({|HYB1017:other|});",
            more: """, [Shape("B, 64")] Sym other""",
            where: "B >= 2"),
        Net(
            "bilinear form with the wrong side's weights",
            "B, 16",
            "return x.MatMul({|HYB1017:weight|});",
            more: """, [Shape("8, 16")] Sym weight"""),
        Net("vector and matrix in the wrong order", "5, 3", "return x.MatMul({|HYB1017:vector|});", more: """, [Shape("5")] Sym vector"""),

        // Promises and assertions.
        Net("the classifier's last layer was removed for features", "B, 64", "return x.Linear(128).{|HYB1018:Relu()|};", promise: "B, 10"),
        Net("softmax head of 10 classes where the labels have 7", "B, 64", "return x.{|HYB1018:Linear(10)|};", promise: "B, 7"),
        Net("a scalar head that keeps its axis", "B, 64", "return x.{|HYB1018:Linear(1)|};", promise: "B"),
        Net(
            "superresolution promises twice the size of odd images",
            "B, 3, H, W",
            "return x.MaxPool2d(2).{|HYB1018:Upsample(2)|};",
            promise: "B, 3, H, W", dims: "B, H, W", where: "H >= 2, W >= 2"),
        Net(
            "a shape comment of before the stride was added",
            "B, 3, 28, 28",
            """return x.Conv2d(64, k: 3, stride: 2, pad: 1).Is({|HYB1019:"B, 64, 28, 28"|}).Relu();"""),
        Net("assertion with height and width swapped", "B, 3, H, W", """return x.Is({|HYB1019:"B, 3, W, H"|}).Relu();""", dims: "B, H, W"),
        Net("assertion of the wrong rank", "B, 8, 4, 4", """return x.MeanPool2d().Is({|HYB1019:"B, 8, 1, 1"|}).Relu();"""),
        Net("flatten of images of any size into a Linear", "B, 3, H, W", "return x.Flatten().{|HYB1020:Linear(10)|};", dims: "B, H, W"),
        Net("a position-wise layer over time of any length", "B, T, 8", "return x.Transpose().{|HYB1020:Linear(8)|};", dims: "B, T"),
        Net("normalised over an axis of any length", "B, T", "return x.{|HYB1020:LayerNorm()|};", dims: "B, T"),
        Net("inverse of a tall matrix", "20, 5", "return {|HYB1021:x|}.Inverse();"),
        Net("determinant of the draws, not of their covariance", "N, 5", "return {|HYB1021:x|}.LogDet();", dims: "N", where: "N >= 6"),
        Net(
            "a relation that no fact settles",
            "H, W",
            "return x.{|HYB1090:Relu()|};",
            dims: "H, W", where: "H*W == 40000", promise: "2*(H/2), W"),
    ];
}
