using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>The networks of bench/peers/same_numbers.py, built in the same order.</summary>
internal static class Networks
{
    public static Sequential Mlp()
    {
        long[] sizes = [52, 152, 80, 72, 48];
        var layers = sizes.Zip(sizes.Skip(1)).SelectMany(size => new Module<Tensor, Tensor>[]
        {
            Linear(size.First, size.Second), BatchNorm1d(size.Second), ReLU(), Dropout(0.1),
        }).ToList();
        layers.Add(Linear(48, 2));
        return Sequential(layers);
    }
}

internal sealed class Block : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Module<Tensor, Tensor> shortcut;

    public Block(long channels, long output, long stride) : base(nameof(Block))
    {
        conv1 = Conv2d(channels, output, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(output);
        conv2 = Conv2d(output, output, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(output);
        shortcut = stride != 1 || channels != output ? Sequential(Conv2d(channels, output, 1, stride: stride), BatchNorm2d(output)) : Identity();
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var y = bn2.call(conv2.call(functional.relu(bn1.call(conv1.call(input)))));
        return functional.relu(y + shortcut.call(input)).MoveToOuterDisposeScope();
    }
}

internal sealed class SmallResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1);
    private readonly BatchNorm2d bn = BatchNorm2d(8);
    private readonly Block block1 = new(8, 8, 1);
    private readonly Block block2 = new(8, 16, 2);
    private readonly Linear head = Linear(16, 4);

    public SmallResNet() : base(nameof(SmallResNet))
    {
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = block2.call(block1.call(functional.relu(bn.call(stem.call(input)))));
        return head.call(functional.adaptive_avg_pool2d(x, 1).flatten(1)).MoveToOuterDisposeScope();
    }
}
