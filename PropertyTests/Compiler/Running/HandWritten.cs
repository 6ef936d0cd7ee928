using System;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Generated networks against the modules one would write by hand: the same checkpoint keys, and from the same weights the same
/// bits, in evaluation and in training.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class HandWritten
{
    private sealed class LeNet : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d c1 = nn.Conv2d(1, 6, 5, padding: 2), c2 = nn.Conv2d(6, 16, 5);
        private readonly Linear f1 = nn.Linear(400, 120), f2 = nn.Linear(120, 84), linear_3 = nn.Linear(84, 10);

        public LeNet() : base("LeNet") => RegisterComponents();

        public override Tensor forward(Tensor image)
        {
            var x = F.max_pool2d(F.relu(c1.forward(image)), [2, 2]);
            x = F.max_pool2d(F.relu(c2.forward(x)), [2, 2]).flatten(1);
            return linear_3.forward(F.relu(f2.forward(F.relu(f1.forward(x)))));
        }
    }

    private sealed class Dense : nn.Module<Tensor, Tensor>
    {
        private readonly Linear linear_1;
        private readonly BatchNorm1d batchNorm_1;
        private readonly double _dropout;

        public Dense(long inputs, long outputs, double dropout) : base("Dense")
        {
            (linear_1, batchNorm_1, _dropout) = (nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), dropout);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            x = F.relu(batchNorm_1.forward(linear_1.forward(x)));
            return _dropout > 0 ? F.dropout(x, _dropout, training) : x;
        }
    }

    private sealed class Mlp : nn.Module<Tensor, Tensor>
    {
        private readonly Dense layer_1 = new(12, 32, 0.2), layer_2 = new(32, 16, 0.2), layer_3 = new(16, 8, 0);
        private readonly Linear linear_1 = nn.Linear(8, 2);

        public Mlp() : base("Mlp") => RegisterComponents();

        public override Tensor forward(Tensor x) => linear_1.forward(layer_3.forward(layer_2.forward(layer_1.forward(x))));
    }

    private sealed class Projection : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d y, y_conv2d, skip;
        private readonly BatchNorm2d y_batchNorm, y_batchNorm_2, skip_batchNorm;

        public Projection(long inputs, long outputs, long stride) : base("Projection")
        {
            y = nn.Conv2d(inputs, outputs, 3, stride: stride, padding: 1);
            y_batchNorm = nn.BatchNorm2d(outputs);
            y_conv2d = nn.Conv2d(outputs, outputs, 3, padding: 1);
            y_batchNorm_2 = nn.BatchNorm2d(outputs);
            skip = nn.Conv2d(inputs, outputs, 1, stride: stride);
            skip_batchNorm = nn.BatchNorm2d(outputs);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var branch = y_batchNorm_2.forward(y_conv2d.forward(F.relu(y_batchNorm.forward(y.forward(x)))));
            return F.relu(branch + skip_batchNorm.forward(skip.forward(x)));
        }
    }

    private sealed class ResNet : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv2d_1 = nn.Conv2d(3, 8, 7, stride: 2, padding: 3);
        private readonly BatchNorm2d batchNorm_1 = nn.BatchNorm2d(8);
        private readonly Projection projection_1 = new(8, 8, 1), projection_2 = new(8, 16, 2), projection_3 = new(16, 32, 2);
        private readonly Linear linear_1 = nn.Linear(32, 1);

        public ResNet() : base("ResNet") => RegisterComponents();

        public override Tensor forward(Tensor image)
        {
            var x = F.max_pool2d(F.relu(batchNorm_1.forward(conv2d_1.forward(image))), [3, 3], strides: [2, 2], padding: [1, 1]);
            x = projection_3.forward(projection_2.forward(projection_1.forward(x)));
            return linear_1.forward(x.mean([-2, -1]));
        }
    }

    [Fact]
    public void LeNet_IsBitwiseEqual() => Same(new Zoo.LeNet(), new LeNet(), randn(4, 1, 28, 28));

    [Fact]
    public void Mlp_IsBitwiseEqual() => Same(new Zoo.Mlp(), new Mlp(), randn(9, 12));

    [Fact]
    public void ResNet_IsBitwiseEqual() => Same(new Zoo.ResNet(), new ResNet(), randn(3, 3, 32, 24));

    [Fact]
    public void GaussianNll_IsBitwiseEqual()
    {
        using var scope = NewDisposeScope();
        var (mean, variance, target) = (randn(50), rand(50) + 0.1, randn(50));
        var expected = (variance.log() + (target - mean).square() / variance).mean();
        Assert.Equal(expected.item<float>(), Zoo.GaussianNll.Value(mean, variance, target).item<float>());
    }

    [Fact]
    public void WrongInput_IsNamedWithBothShapes()
    {
        using var scope = NewDisposeScope();
        var network = new Zoo.LeNet();
        Assert.Equal(
            "LeNet.forward: expected image (B, 1, 28, 28), got (2, 3, 28, 28): axis 1 must be 1.",
            Assert.Throws<ArgumentException>(() => network.forward(randn(2, 3, 28, 28))).Message);
        Assert.Equal(
            "LeNet.forward: expected image (B, 1, 28, 28), got (28, 28): the rank must be 4.",
            Assert.Throws<ArgumentException>(() => network.forward(randn(28, 28))).Message);
        Assert.Equal(
            "ResNet.forward: the spec needs H % 4 == 0, got H = 30.",
            Assert.Throws<ArgumentException>(() => new Zoo.ResNet().forward(randn(2, 3, 30, 32))).Message);
    }

    [Fact]
    public void ParamSize_IsTheConstructors()
    {
        using var scope = NewDisposeScope();
        var network = new Zoo.MeanVariance(hidden: 5);
        var (mean, variance) = network.forward(randn(3, 5), randn(3, 3));
        Assert.Equal([3], mean.shape);
        Assert.True(variance.gt(0).all().item<bool>(), "a variance is not positive");
        Assert.Contains(network.named_parameters(), p => p.parameter.shape is [5, 3]);
    }

    /// <summary>
    /// Same keys, same bits, in training (with dropout and batch statistics), then in evaluation with what training left.
    /// </summary>
    private static void Same(nn.Module<Tensor, Tensor> generated, nn.Module<Tensor, Tensor> written, Tensor input)
    {
        using var scope = NewDisposeScope();
        var (missing, unexpected) = written.load_state_dict(generated.state_dict());
        Assert.Empty(missing);
        Assert.Empty(unexpected);
        foreach (var training in new[] { true, false })
        {
            generated.train(training);
            written.train(training);
            manual_seed(7);
            var ours = generated.forward(input);
            manual_seed(7);
            var theirs = written.forward(input);
            Assert.True(ours.shape.SequenceEqual(theirs.shape), "shapes differ");
            Assert.True(ours.eq(theirs).all().item<bool>(), $"training {training}: differs by {(ours - theirs).abs().max().item<float>()}");
        }
        foreach (var (key, tensor) in generated.state_dict())
            Assert.True(tensor.eq(written.state_dict()[key]).all().item<bool>(), $"'{key}' differs after training");
    }
}
