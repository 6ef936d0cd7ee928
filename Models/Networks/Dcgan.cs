using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Generator of the deep convolutional GAN. Radford et al. 2016, in the sizes of PyTorch's tutorial.</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class DcganGenerator
{
    [Spec]
    [return: Shape("B, 3, 64, 64")]
    internal static Sym Forward([Shape("B, 100")] Sym noise)
    {
        var x = noise.Unsqueeze(2).Unsqueeze(3).ConvTranspose2d(512, k: 4, bias: false).BatchNorm().Relu();
        for (var channels = 256; channels >= 64; channels /= 2)
            x = x.ConvTranspose2d(channels, k: 4, stride: 2, pad: 1, bias: false).BatchNorm().Relu();
        return x.ConvTranspose2d(3, k: 4, stride: 2, pad: 1, bias: false).Tanh();
    }
}

/// <summary>Its discriminator; the logit of "real".</summary>
[Network(Dims = "B:batch", Where = "B >= 2")]
public partial class DcganDiscriminator
{
    [Spec]
    [return: Shape("B")]
    internal static Sym Forward([Shape("B, 3, 64, 64")] Sym image)
    {
        var x = image.Conv2d(64, k: 4, stride: 2, pad: 1, bias: false).LeakyRelu(0.2);
        for (var channels = 128; channels <= 512; channels *= 2)
            x = x.Conv2d(channels, k: 4, stride: 2, pad: 1, bias: false).BatchNorm().LeakyRelu(0.2);
        return x.Conv2d(1, k: 4, bias: false).Flatten().Squeeze(1);
    }
}
