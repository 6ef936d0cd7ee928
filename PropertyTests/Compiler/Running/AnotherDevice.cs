using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// The zoo's programs on a device other than the CPU. Every machine has one that computes shapes and no numbers, <c>meta</c>: a tensor that
/// a program makes on the CPU instead of where its inputs are meets them there and is refused, as it would be on a GPU. libtorch without
/// Python has no meta form of convolutions and some other operations; programs that need one are counted and left.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class AnotherDevice
{
    // What reads numbers to check or choose by them, which this device has none of; recurrent layers, whose flat weights stay on the old
    // device.
    private static readonly string[] _left =
    [
        "Embedding", "MaskedMean", "MaskedSum", "Inverse", "Det", "LogDet", "Of", "Module", "Lstm", "Gru",
    ];
    private static readonly string[] _unsupported =
    [
        "no fake impl or Meta kernel registered", "convolution_overrideable not implemented", "not implemented for 'meta'",
    ];

    [Fact]
    public void ProgramsStayOnTheDeviceOfTheirInputs()
    {
        var (complete, begun) = (0, 0);
        foreach (var name in ZooNetworks.Networks.Concat(ZooNetworks.Layers).Concat(ZooNetworks.Whole).Select(row => row.Data))
        {
            using var scope = NewDisposeScope();
            var values = new Dictionary<string, int> { ["width"] = 4, ["parts"] = 3, ["hidden"] = 2 };
            var graph = Reading.Evaluate(ZooNetworks.Models.Value[name], values).Graph!;
            if (graph.Nodes.Any(node => _left.Contains(node.Operation))) continue;
            begun++;
            var network = new RunningNetwork(typeof(Zoo.LeNet).Assembly.GetType(name)!, graph, values, ScalarType.Float32);
            network.Module.to(META);
            foreach (var (key, tensor) in network.Module.state_dict())
                Assert.True(tensor.device_type == DeviceType.META, $"{name}: '{key}' stayed on {tensor.device}");
            var sizes = network.Sizes(new Random(name.Length));
            var inputs = network.Inputs(sizes, ScalarType.Float32).Select(x => x.to(META)).ToArray();
            try
            {
                CheckPrograms(name, network, inputs, [.. graph.Results.Select(r => RunningNetwork.Shape(r.Shape, sizes))]);
                complete++;
            }
            catch (ExternalException failure) when (_unsupported.Any(failure.Message.Contains))
            {
            }
        }
        Assert.True(begun > 20 && complete >= 5, $"{complete} of {begun} networks could be checked to the end: too few");
    }

    private static void CheckPrograms(string name, RunningNetwork network, Tensor[] inputs, long[][] expected)
    {
        foreach (var training in (bool[])[true, false])
        {
            network.Module.train(training);
            Check(network.Forward(inputs), training ? "module in training" : "module");
            if (!network.HasFunctional) continue;
            Check(network.Functional(inputs, training), "functional");
            if (network.HasTangent)
            {
                Check(
                    network.Tangent(inputs, [.. inputs.Where(x => x.is_floating_point()).Select(x => x.unsqueeze(0))], training).Value,
                    "tangent");
            }
        }

        void Check(Tensor[] outputs, string program)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                Assert.True(outputs[i].device_type == DeviceType.META, $"{name}, {program}: result {i} is on {outputs[i].device}");
                Assert.True(
                    outputs[i].shape.SequenceEqual(expected[i]),
                    $"{name}, {program}: predicted ({string.Join(", ", expected[i])}), got ({string.Join(", ", outputs[i].shape)})");
            }
        }
    }
}
