using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// The zoo's programs on a device other than the CPU. Every machine has one that computes shapes and no numbers, <c>meta</c>: a tensor that a program makes on the
/// CPU instead of where its inputs are meets them there and is refused, as it would be on a GPU.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class AnotherDevice
{
    // What reads numbers to check or choose by them, which this device has none of.
    private static readonly string[] _readNumbers = ["Embedding", "MaskedMean", "MaskedSum", "Inverse", "Det", "LogDet", "Of", "Module"];

    public static TheoryData<string> Networks => [.. ZooNetworks.Networks.Concat(ZooNetworks.Layers).Concat(ZooNetworks.Whole).Select(row => row.Data)];

    [Theory]
    [MemberData(nameof(Networks))]
    public void ProgramsStayOnTheDeviceOfTheirInputs(string name)
    {
        using var scope = NewDisposeScope();
        var values = new Dictionary<string, int> { ["width"] = 4, ["parts"] = 3, ["hidden"] = 2 };
        var graph = Reading.Evaluate(ZooNetworks.Models.Value[name], values).Graph!;
        if (graph.Nodes.Any(node => _readNumbers.Contains(node.Operation))) return;
        var network = new RunningNetwork(typeof(Zoo.LeNet).Assembly.GetType(name)!, graph, values, ScalarType.Float32);
        network.Module.to(META);
        var sizes = network.Sizes(new Random(name.Length));
        var inputs = network.Inputs(sizes, ScalarType.Float32).Select(x => x.to(META)).ToArray();
        var expected = graph.Results.Select(r => RunningNetwork.Shape(r.Shape, sizes)).ToList();
        void Check(Tensor[] outputs, string program)
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                Assert.True(outputs[i].device_type == DeviceType.META, $"{name}, {program}: result {i} is on {outputs[i].device}");
                Assert.True(outputs[i].shape.SequenceEqual(expected[i]), $"{name}, {program}: predicted ({string.Join(", ", expected[i])}), got ({string.Join(", ", outputs[i].shape)})");
            }
        }
        foreach (var training in (bool[])[true, false])
        {
            network.Module.train(training);
            Check(network.Forward(inputs), training ? "module in training" : "module");
            if (network.HasFunctional) Check(network.Functional(inputs, training), "functional");
            if (network.HasFunctional && network.HasTangent)
            {
                var (value, _) = network.Tangent(inputs, [.. inputs.Where(x => x.is_floating_point()).Select(x => x.unsqueeze(0))], training);
                Check(value, "tangent");
            }
        }
    }
}
