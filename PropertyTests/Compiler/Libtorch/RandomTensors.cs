using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using Hybrid.PropertyTests.Compiler.Running;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Libtorch;

/// <summary>
/// Arguments of public methods: tensors that often fit together and often do not, records of weights whose shapes are mixed up, numbers.
/// </summary>
internal sealed class RandomTensors(Random random)
{
    private static readonly long[] _sizes = [0, 1, 1, 2, 2, 3, 4, 4, 5, 6, 8, 12, 16, 28, 32];
    private static readonly ScalarType[] _types =
        [
            ScalarType.Float32, ScalarType.Float32, ScalarType.Float32, ScalarType.Float64, ScalarType.Int64, ScalarType.Bool,
            ScalarType.Int32, ScalarType.Float16, ScalarType.ComplexFloat32,
        ];

    private readonly long[] _shape = Shape(random);

    public static bool Knows(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        return type == typeof(Tensor)
            || type == typeof(Tensor[])
            || type == typeof(bool)
            || type == typeof(int)
            || type == typeof(long)
            || type == typeof(double)
            || type == typeof(double[])
            || (type.Name == "Weights" && Constructor(type) is not null);
    }

    /// <summary>That of a record of weights, from tensors and sizes.</summary>
    private static ConstructorInfo? Constructor(Type type) => type.GetConstructors()
        .FirstOrDefault(
            c => c.GetParameters().Length > 0
                && c.GetParameters().All(p => p.ParameterType == typeof(Tensor) || p.ParameterType == typeof(long)));

    public object? Of(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(Tensor)) return Tensor();
        if (type == typeof(Tensor[])) return Enumerable.Range(0, random.Next(4)).Select(_ => Tensor()).ToArray();
        if (type == typeof(bool)) return random.Next(2) == 0;
        if (type == typeof(int)) return random.Next(-2, 6);
        if (type == typeof(long)) return (long)random.Next(-2, 6);
        if (type == typeof(double)) return Real();
        if (type == typeof(double[])) return Enumerable.Range(0, random.Next(4)).Select(_ => Real()).ToArray();
        var constructor = Constructor(type)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(Of)]);
    }

    /// <summary>Arguments that fit a network's program, but for up to two changes.</summary>
    public object?[] Near(RunningNetwork network, MethodInfo method)
    {
        var inputs = network.Inputs(network.Sizes(random), ScalarType.Float32);
        var next = 0;
        var arguments = method.GetParameters().Select(parameter =>
        {
            if (parameter.ParameterType.Name == "Weights" && network.HasFunctional) return network.Weights;
            if (parameter.ParameterType != typeof(Tensor)) return Of(parameter);
            // After the inputs come directions, one each, with an axis of their own before.
            var input = inputs[next % inputs.Length];
            return next++ < inputs.Length ? input : input.unsqueeze(0);
        }).ToArray();
        for (var changes = random.Next(3); changes > 0; changes--)
        {
            var at = random.Next(arguments.Length);
            arguments[at] = arguments[at] switch
            {
                Tensor tensor => Changed(tensor),
                { } weights when weights.GetType().Name == "Weights" => ChangedWeights(weights),
                var other => other,
            };
        }
        return arguments;
    }

    private object ChangedWeights(object weights)
    {
        var constructor = weights.GetType().GetConstructors().OrderByDescending(c => c.GetParameters().Length).First();
        var values = constructor.GetParameters().Select(p => weights.GetType().GetProperty(p.Name!)?.GetValue(weights)).ToArray();
        var tensors = Enumerable.Range(0, values.Length).Where(i => values[i] is Tensor).ToArray();
        if (tensors.Length == 0) return weights;
        var at = tensors[random.Next(tensors.Length)];
        values[at] = random.Next(2) == 0 ? values[tensors[random.Next(tensors.Length)]] : Changed((Tensor)values[at]!);
        return constructor.Invoke(values);
    }

    private Tensor Changed(Tensor tensor) => random.Next(6) switch
    {
        0 when tensor.dim() > 1 => tensor.transpose(0, -1),
        1 when tensor.dim() > 0 && tensor.shape[^1] > 1 => tensor.narrow(-1, 0, tensor.shape[^1] - 1),
        2 => tensor.unsqueeze(0),
        3 => tensor.to_type(_types[random.Next(_types.Length)]),
        4 => tensor.to(META),
        _ => Tensor(),
    };

    public static string Describe(object? argument) => argument switch
    {
        Tensor t => $"{t.dtype}[{string.Join(",", t.shape)}]",
        Tensor[] all => "{" + string.Join(" ", all.Select(Describe)) + "}",
        double[] all => "[" + string.Join(" ", all.Select(x => x.ToString("R", CultureInfo.InvariantCulture))) + "]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        null => "null",
        var record when record.GetType().Name == "Weights" => "Weights{"
            + string.Join(
                " ",
                record.GetType().GetProperties().Where(p => p.PropertyType == typeof(Tensor)).Select(p => Describe(p.GetValue(record))))
            + "}",
        var other => other.ToString()!,
    };

    private double Real() => random.Next(4) switch { 0 => double.NaN, 1 => 0, 2 => -1e300, _ => random.NextDouble() };

    private Tensor Tensor()
    {
        var shape = random.Next(2) == 0 ? _shape : Shape(random);
        var type = random.Next(3) == 0 ? _types[random.Next(_types.Length)] : ScalarType.Float32;
        var tensor = type switch
        {
            ScalarType.Bool => rand(shape).gt(0.5),
            ScalarType.Int64 or ScalarType.Int32 => randint(-3, 9, shape, dtype: type),
            _ => randn(shape, type),
        };
        return random.Next(5) == 0 && shape.Length > 1 ? tensor.transpose(0, -1) : tensor;
    }

    private static long[] Shape(Random random) => [.. Enumerable.Range(0, random.Next(6)).Select(_ => _sizes[random.Next(_sizes.Length)])];
}
