using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using Hybrid.Data.Formats;
using Hybrid.Graphs;
using Hybrid.Models.Engine;
using Hybrid.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>
/// Writes a generated network's inference as an ONNX file (operator set 17, weights in float32): what it computes in evaluation mode,
/// translated from its spec, with the sizes that the spec leaves open (batch, height, …) left open. Inputs and outputs have the spec's
/// names (one without a name is <c>output</c>, or <c>output1</c>, … of several), weights their checkpoint keys; the metadata say what the
/// sizes must fulfil, which no runtime checks.
/// </summary>
public static class OnnxFile
{
    private const int Single = 1, Int64 = 7, Bool = 9;       // TensorProto.DataType
    private const int IsFloat = 1, IsInt = 2, IsString = 3, IsInts = 7; // AttributeProto.AttributeType

    /// <summary>Writes the file; it stands under its name only when complete.</summary>
    /// <param name="path">The file, by custom ending in .onnx.</param>
    /// <param name="network">A module that the generator wrote from a spec.</param>
    /// <exception cref="NotSupportedException">A layer is a module written by hand, or a size is open that ONNX needs to be a number; the
    /// message names it. No file is touched.</exception>
    /// <exception cref="ArgumentException">The class has no spec, or the file would have more than 2 GiB, which ONNX's encoding does not
    /// allow.</exception>
    public static void Save(string path, nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var graph = Graph(network);
        var weights = Weights(graph, network);

        using var scope = NewDisposeScope();
        var head = new ProtobufMessage();
        foreach (var node in graph.Nodes) head.Message(1, Node(node));
        head.Text(2, graph.Name);
        foreach (var constant in graph.Constants) head.Message(5, Constant(constant));
        foreach (var input in graph.Inputs) head.Message(11, Info(input));
        foreach (var output in graph.Outputs) head.Message(12, Info(output));

        // Weights are written from where they are: each as the head of its message, then its bytes.
        var tensors = weights.Select(weight =>
        {
            var data = weight.Value.detach().to(ScalarType.Float32).cpu().contiguous();
            var message = Tensor(weight.Name, data.shape, Single);
            message.Head(9, data.numel() * sizeof(float));
            var start = new ProtobufMessage();
            start.Head(5, message.Length + (data.numel() * sizeof(float)));
            return (Start: start.ToArray().Concat(message.ToArray()).ToArray(), Data: data);
        }).ToList();
        var length = head.Length + tensors.Sum(tensor => tensor.Start.Length + (tensor.Data.numel() * sizeof(float)));
        if (length > int.MaxValue - 1024)
            throw new ArgumentException(
                $"OnnxFile.Save: {ModuleName.Of(network)} has {length} bytes of weights and graph, ONNX's encoding holds at most 2 GiB.",
                nameof(network));

        var model = new ProtobufMessage();
        model.Integer(1, 8); // version 8 of the intermediate representation, the one of operator set 17
        model.Text(2, "hybrid");
        model.Text(3, $"{typeof(OnnxFile).Assembly.GetName().Version}");
        var set = new ProtobufMessage();
        set.Integer(2, OnnxGraph.OperatorSet);
        model.Message(8, set);
        foreach (var (name, value) in graph.Metadata)
        {
            var entry = new ProtobufMessage();
            entry.Text(1, name);
            entry.Text(2, value);
            model.Message(14, entry);
        }
        model.Head(7, length);
        WholeFile.Write(path, stream =>
        {
            stream.Write(model.ToArray());
            stream.Write(head.ToArray());
            foreach (var (start, data) in tensors)
            {
                stream.Write(start);
                foreach (var piece in Pieces.Of(data)) stream.Write(piece.bytes);
            }
        });
    }

    /// <summary>The ONNX graph of a generated network, without its weights' values.</summary>
    public static OnnxGraph Graph(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var parameters = Parameters(network);
        // The networks that it uses as layers are modules in it, so that their specs and sizes are at hand.
        var inside = network.named_modules().Select(module => module.module).GroupBy(module => module.GetType().FullName!.Replace('+', '.'))
            .ToDictionary(group => group.Key, group => group.First());
        return OnnxExport.Of(
            Trace.Of(network.GetType(), parameters), name => Trace.Of(inside[name].GetType(), Parameters(inside[name])), parameters);
    }

    private static List<(string Name, Tensor Value)> Weights(OnnxGraph graph, nn.Module network)
    {
        var state = network.state_dict();
        return graph.Weights.Select(weight =>
        {
            if (state.TryGetValue(weight.Key, out var tensor) && tensor.shape.AsSpan().SequenceEqual(weight.Shape.ToArray()))
                return (weight.Name, tensor);
            throw new ArgumentException(
                $"OnnxFile.Save: the spec of {ModuleName.Of(network)} has '{weight.Key}' {ShapeText.Of(weight.Shape.ToArray())}, "
                + $"the module {(tensor is null ? "has no such tensor" : $"has it as {ShapeText.Of(tensor)}")}.",
                nameof(network));
        }).ToList();
    }

    // The generated class keeps each [Param] in a field of its name; what was chosen stands on the class, where a trace finds it.
    private static Dictionary<string, object> Parameters(nn.Module network)
    {
        var type = network.GetType();
        var owner = type.GetCustomAttribute<NetworkChoicesAttribute>() is null ? type : type.DeclaringType!;
        const BindingFlags any =
            BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var spec = owner.GetMethods(any).FirstOrDefault(method => method.GetCustomAttribute<SpecAttribute>() is not null)
            ?? throw new ArgumentException($"OnnxFile.Save: {type.Name} has no method marked [Spec]; {Instead(type)}", nameof(network));
        var parameters = new Dictionary<string, object>();
        foreach (var parameter in spec.GetParameters().Where(parameter => parameter.GetCustomAttribute<ParamAttribute>() is not null))
        {
            switch (type.GetField("_" + parameter.Name, any)?.GetValue(network))
            {
                case long size:
                    parameters.Add(parameter.Name!, checked((int)size));
                    break;
                case double number:
                    parameters.Add(parameter.Name!, number);
                    break;
            }
        }
        return parameters;
    }

    // A derived program holds networks that have a spec.
    private static string Instead(Type type) => (type.DeclaringType?.GetCustomAttribute<NetworkAttribute>() is null ? "" : type.Name) switch
    {
        "Ensemble" => $"export the members of the ensemble one by one: ensemble.Member(0) is a {type.DeclaringType!.Name}.",
        "Flipout" => $"export one of its networks: Mean() or Sample() is a {type.DeclaringType!.Name}.",
        _ => "ONNX is written from a generated network's spec.",
    };

    private static ProtobufMessage Node(OnnxNode node)
    {
        var message = new ProtobufMessage();
        foreach (var input in node.Inputs) message.Text(1, input);
        foreach (var output in node.Outputs) message.Text(2, output);
        message.Text(3, node.Outputs[0]);
        message.Text(4, node.Operator);
        foreach (var (name, value) in node.Attributes)
        {
            var attribute = new ProtobufMessage();
            attribute.Text(1, name);
            switch (value)
            {
                case float number: attribute.Single(2, number); attribute.Integer(20, IsFloat); break;
                case long number: attribute.Integer(3, number); attribute.Integer(20, IsInt); break;
                case string text: attribute.Text(4, text); attribute.Integer(20, IsString); break;
                case long[] numbers:
                    foreach (var number in numbers) attribute.Integer(8, number);
                    attribute.Integer(20, IsInts);
                    break;
                default: throw new InvalidOperationException(
                    $"the attribute '{name}' of {node.Operator} is of no kind that ONNX has: {value.GetType().Name}");
            }
            message.Message(5, attribute);
        }
        return message;
    }

    private static ProtobufMessage Constant(OnnxConstant constant)
    {
        var message = Tensor(constant.Name, constant.Shape, constant.Singles is null ? Int64 : Single);
        if (constant.Singles is { } singles) message.Singles(4, singles);
        else message.Integers(7, constant.Integers);
        return message;
    }

    private static ProtobufMessage Tensor(string name, IEnumerable<long> shape, int type)
    {
        var message = new ProtobufMessage();
        foreach (var size in shape) message.Integer(1, size);
        message.Integer(2, type);
        message.Text(8, name);
        return message;
    }

    private static ProtobufMessage Info(OnnxTensor tensor)
    {
        var shape = new ProtobufMessage();
        foreach (var size in tensor.Sizes)
        {
            var dimension = new ProtobufMessage();
            if (long.TryParse(size, out var number)) dimension.Integer(1, number);
            else dimension.Text(2, size);
            shape.Message(1, dimension);
        }
        var typed = new ProtobufMessage();
        typed.Integer(1, tensor.Element switch { ElementType.Int64 => Int64, ElementType.Bool => Bool, _ => Single });
        typed.Message(2, shape);
        var type = new ProtobufMessage();
        type.Message(1, typed);
        var info = new ProtobufMessage();
        info.Text(1, tensor.Name);
        info.Message(2, type);
        return info;
    }
}
