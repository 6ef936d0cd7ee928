using Hybrid.Bench.Harness;
using Hybrid.Bench.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.Bench.ByHand;

/// <summary>ResNet-10 as users of TorchSharp write it: a module a block.</summary>
internal sealed class HandWrittenResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d _stem = Conv2d(3, 64, 7, stride: 2, padding: 3, bias: false);
    private readonly BatchNorm2d _norm = BatchNorm2d(64);
    private readonly Sequential _stages = Sequential(
        new Block(64, 64, 1), new Block(64, 128, 2), new Block(128, 256, 2), new Block(256, 512, 2));
    private readonly Linear _head = Linear(512, ResNetStep.Classes);

    public HandWrittenResNet() : base(nameof(HandWrittenResNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = functional.max_pool2d(functional.relu(_norm.call(_stem.call(x))), 3, stride: 2, padding: 1);
        return _head.call(_stages.call(x).mean([2L, 3L]));
    }

    /// <summary>The same work as bench/peers/resnet_step.py.</summary>
    public static IContender Step()
    {
        manual_seed(0);
        var network = new HandWrittenResNet();
        var optimiser = optim.Adam(network.parameters(), 1e-3);
        var (images, labels) = ResNetStep.Batch();
        return new Stepper("TorchSharp by hand", 2, () =>
        {
            optimiser.zero_grad();
            functional.cross_entropy(network.call(images), labels).backward();
            optimiser.step();
        });
    }

    private sealed class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d _first, _second;
        private readonly BatchNorm2d _norm1, _norm2;
        private readonly Sequential? _skip;

        public Block(long inputs, long outputs, long stride) : base(nameof(Block))
        {
            (_first, _norm1) = (Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false), BatchNorm2d(outputs));
            (_second, _norm2) = (Conv2d(outputs, outputs, 3, padding: 1, bias: false), BatchNorm2d(outputs));
            if (stride > 1) _skip = Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            var y = _norm2.call(_second.call(functional.relu(_norm1.call(_first.call(x)))));
            return functional.relu(y + (_skip is null ? x : _skip.call(x)));
        }
    }
}
