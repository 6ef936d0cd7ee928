using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.Loader;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Random chains of operations over whole numbers, truth values and real numbers: HYB1023 exactly where libtorch throws, and where it does
/// not, the predicted element type is libtorch's; the generated programs give it too, in networks of float32 and of float64.
/// </summary>
[Collection(nameof(Tensors))]
public sealed class ElementChains
{
    /// <summary>
    /// An operation that keeps (2, 4, 4): in a spec, over symbols, and by libtorch itself. {0} and {1} are its tensors; the third is the
    /// mask.
    /// </summary>
    private sealed record Operation(string Spec, Func<Sym, Sym, Sym, Sym> Symbolic, Func<Tensor, Tensor, Tensor, Tensor> Real)
    {
        public Operation(string spec, Func<Sym, Sym, Sym> symbolic, Func<Tensor, Tensor, Tensor> real)
            : this(spec, (x, y, _) => symbolic(x, y), (x, y, _) => real(x, y))
        {
        }
    }

    private static Sym All(Sym x) => x.Expand("2, 4, 4");

    private static Tensor All(Tensor x) => x.expand(2, 4, 4);

    private static Tensor MaskedSum(Tensor x, Tensor mask) => All(x.masked_fill(mask.logical_not(), 0).sum([1], keepdim: true));

    private static readonly Operation[] _operations =
    [
        new("{0} + {1}", (x, y) => x + y, (x, y) => x + y),
        new("{0} - {1}", (x, y) => x - y, (x, y) => x - y),
        new("{0} * {1}", (x, y) => x * y, (x, y) => x * y),
        new("{0} / {1}", (x, y) => x / y, (x, y) => x / y),
        new("{0} + 1", (x, _) => x + 1, (x, _) => x + 1d),
        new("2 - {0}", (x, _) => 2 - x, (x, _) => 2d - x),
        new("{0} * 0.5", (x, _) => x * 0.5, (x, _) => x * 0.5),
        new("1 / {0}", (x, _) => 1 / x, (x, _) => 1d / x),
        new("-{0}", (x, _) => -x, (x, _) => -x),
        new("{0}.Abs()", (x, _) => x.Abs(), (x, _) => x.abs()),
        new("{0}.Square()", (x, _) => x.Square(), (x, _) => x.square()),
        new("{0}.Pow(2)", (x, _) => x.Pow(2), (x, _) => x.pow(2d)),
        new("{0}.Clamp(0, 1)", (x, _) => x.Clamp(0, 1), (x, _) => x.clamp(min: (Scalar)0d, max: (Scalar)1d)),
        new("{0}.Sqrt()", (x, _) => x.Sqrt(), (x, _) => x.sqrt()),
        new("{0}.Exp()", (x, _) => x.Exp(), (x, _) => x.exp()),
        new("{0}.Log()", (x, _) => x.Log(), (x, _) => x.log()),
        new("{0}.Sigmoid()", (x, _) => x.Sigmoid(), (x, _) => x.sigmoid()),
        new("{0}.Tanh()", (x, _) => x.Tanh(), (x, _) => x.tanh()),
        new("{0}.Relu()", (x, _) => x.Relu(), (x, _) => x.relu()),
        new("{0}.LeakyRelu()", (x, _) => x.LeakyRelu(), (x, _) => F.leaky_relu(x, 0.01)),
        new("{0}.Elu()", (x, _) => x.Elu(), (x, _) => F.elu(x, 1d)),
        new("{0}.Gelu()", (x, _) => x.Gelu(), (x, _) => F.gelu(x)),
        new("{0}.Silu()", (x, _) => x.Silu(), (x, _) => F.silu(x)),
        new("{0}.Softplus()", (x, _) => x.Softplus(), (x, _) => F.softplus(x, 1, 20)),
        new("{0}.Softmax()", (x, _) => x.Softmax(), (x, _) => x.softmax(-1)),
        new("{0}.LogSoftmax(1)", (x, _) => x.LogSoftmax(1), (x, _) => x.log_softmax(1)),
        new("{0}.Dropout(0.2)", (x, _) => x.Dropout(0.2), (x, _) => F.dropout(x, 0.2, true)),
        new("{0}.Dropout(0)", (x, _) => x.Dropout(0), (x, _) => F.dropout(x, 0, true)),
        new("{0}.DropPath(0.2)", (x, _) => x.DropPath(0.2), (x, _) => x * F.dropout(ones([2, 1, 1], dtype: x.dtype), 0.2, true)),
        new("{0}.Sum(1, keep: true).Expand(\"2, 4, 4\")", (x, _) => All(x.Sum(1, keep: true)), (x, _) => All(x.sum([1], keepdim: true))),
        new("{0}.Sum().Expand(\"2, 4, 4\")", (x, _) => All(x.Sum()), (x, _) => All(x.sum())),
        new("{0}.Sum().Sum().Expand(\"2, 4, 4\")", (x, _) => All(x.Sum().Sum()), (x, _) => All(x.sum().sum())),
        new(
            "{0}.Mean(-1, keep: true).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Mean(-1, keep: true)),
            (x, _) => All(x.mean([-1], keepdim: true))),
        new("{0}.MatMul({1})", (x, y) => x.MatMul(y), ScriptedProduct.Of),
        new("{0}.Cat({1}).Slice(1, 2, 4)", (x, y) => x.Cat(y).Slice(1, 2, 4), (x, y) => cat([x, y], 1).narrow(1, 2, 4)),
        new(
            "{0}.Transpose().Reshape(\"2, 4, 4\").Permute(0, 2, 1)",
            (x, _) => x.Transpose().Reshape("2, 4, 4").Permute(0, 2, 1),
            (x, _) => x.transpose(1, 2).reshape(2, 4, 4).permute(0, 2, 1)),
        new(
            "{0}.Unsqueeze(1).Pad(1).Slice(2, 0, 4).Slice(3, 1, 4).Squeeze(1)",
            (x, _) => x.Unsqueeze(1).Pad(1).Slice(2, 0, 4).Slice(3, 1, 4).Squeeze(1),
            (x, _) => F.pad(x.unsqueeze(1), [1, 1, 1, 1]).narrow(2, 0, 4).narrow(3, 1, 4).squeeze(1)),
        new(
            "{0}.Unbind()[1].Unsqueeze(1).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Unbind()[1].Unsqueeze(1)),
            (x, _) => All(x.unbind(1)[1].unsqueeze(1))),
        new("{0}.Max(1, keep: true).Expand(\"2, 4, 4\")", (x, _) => All(x.Max(1, keep: true)), (x, _) => All(x.amax([1], keepdim: true))),
        new("{0}.Min().Expand(\"2, 4, 4\")", (x, _) => All(x.Min()), (x, _) => All(x.amin([0, 1, 2]))),
        new("{0}.LogSumExp().Expand(\"2, 4, 4\")", (x, _) => All(x.LogSumExp()), (x, _) => All(x.flatten().logsumexp(0))),
        // libtorch's var refuses what its mean refuses, but ends the process.
        new(
            "{0}.Var(1, keep: true).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Var(1, keep: true)),
            (x, _) => All((x - x.mean([1], keepdim: true)).square().sum([1], keepdim: true) / 3)),
        new("{0}.ArgMax(1, keep: true).Expand(\"2, 4, 4\")", (x, _) => All(x.ArgMax(1, keep: true)), (x, _) => All(x.argmax(1, true))),
        new("{0}.CumSum(1)", (x, _) => x.CumSum(1), (x, _) => x.cumsum(1)),
        new("{0}.Sin()", (x, _) => x.Sin(), (x, _) => x.sin()),
        new("{0}.Erf()", (x, _) => x.Erf(), (x, _) => x.erf()),
        new("{0}.LGamma()", (x, _) => x.LGamma(), (x, _) => x.lgamma()),
        new("{0}.Digamma()", (x, _) => x.Digamma(), (x, _) => x.digamma()),
        new("{0}.Atan2({1})", (x, y) => x.Atan2(y), (x, y) => x.atan2(y)),
        new("{0} > {1}", (x, y) => x > y, (x, y) => x.gt(y)),
        new("{0} <= 0.5", (x, _) => x <= 0.5, (x, _) => x.le(0.5)),
        new("{0}.EqualTo({1})", (x, y) => x.EqualTo(y), (x, y) => x.eq(y)),
        new("Sym.Where(mask, {0}, {1})", (x, y, m) => Sym.Where(m, x, y), (x, y, m) => where(m, x, y)),
        new("Sym.Where(mask, {0}, 1)", (x, _, m) => Sym.Where(m, x, 1), (x, _, m) => where(m, x * 1d, ones_like(x * 1d))),
        new(
            "{0}.Gather((mask * 1.0).ArgMax(1, keep: true), 1).Expand(\"2, 4, 4\")",
            (x, _, m) => All(x.Gather((m * 1.0).ArgMax(1, keep: true), 1)),
            (x, _, m) => All(x.gather(1, (m * 1d).argmax(1, true)))),
        new("{0}.Normalize()", (x, _) => x.Normalize(), (x, _) => F.normalize(x, dim: -1)),
        new("{0}.Detach()", (x, _) => x.Detach(), (x, _) => x.detach()),
        new(
            "{0}.MaxPool1d(3, stride: 1, pad: 1)",
            (x, _) => x.MaxPool1d(3, stride: 1, pad: 1),
            (x, _) => F.max_pool1d(x, 3, stride: 1, padding: 1)),
        new(
            "{0}.AvgPool1d(3, stride: 1, pad: 1)",
            (x, _) => x.AvgPool1d(3, stride: 1, pad: 1),
            (x, _) => F.avg_pool1d(x, 3, stride: 1, padding: 1)),
        new(
            "{0}.Trace().Unsqueeze(1).Unsqueeze(2).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Trace().Unsqueeze(1).Unsqueeze(2)),
            (x, _) => All(x.diagonal(0, -2, -1).sum(-1).unsqueeze(1).unsqueeze(2))),
        new(
            "{0}.Frobenius().Unsqueeze(1).Unsqueeze(2).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Frobenius().Unsqueeze(1).Unsqueeze(2)),
            (x, _) => All(x.square().sum([-2, -1]).sqrt().unsqueeze(1).unsqueeze(2))),
        new(
            "{0}.Det().Unsqueeze(1).Unsqueeze(2).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Det().Unsqueeze(1).Unsqueeze(2)),
            (x, _) => All(linalg.det(x).unsqueeze(1).unsqueeze(2))),
        new(
            "{0}.AddDiagonal(1)",
            (x, _) => x.AddDiagonal(1),
            (x, _) => x + (eye(4) * 1d).to(x.is_floating_point() ? x.dtype : ScalarType.Float32)),
        new(
            "{0}.Slice(0, 0, 1).Squeeze(0).Cov().Expand(\"2, 4, 4\")",
            (x, _) => All(x.Slice(0, 0, 1).Squeeze(0).Cov()),
            (x, _) => All(cov(x[0].transpose(0, 1)))),
        new(
            "{0}.MaskedSum(mask, 1, keep: true).Expand(\"2, 4, 4\")",
            (x, _, m) => All(x.MaskedSum(m, 1, keep: true)),
            (x, _, m) => MaskedSum(x, m)),
        new(
            "{0}.MaskedMean(mask, 1, keep: true).Expand(\"2, 4, 4\")",
            (x, _, m) => All(x.MaskedMean(m, 1, keep: true)),
            (x, _, m) => MaskedSum(x, m) / All(m.sum([1], keepdim: true))),
        new("{0}.LayerNorm()", (x, _) => x.LayerNorm(), (x, _) => F.layer_norm(x, [4], ones(4), zeros(4))),
        new("{0}.GroupNorm(2)", (x, _) => x.GroupNorm(2), (x, _) => F.group_norm(x, 2, ones(4), zeros(4))),
        new("{0}.Linear(4)", (x, _) => x.Linear(4), (x, _) => F.linear(x, ones(4, 4), zeros(4))),
        new("{0}.Conv1d(4, k: 1)", (x, _) => x.Conv1d(4, k: 1), (x, _) => F.conv1d(x, ones(4, 4, 1))),
        new(
            "{0}.Unsqueeze(2).MeanPool2d().Unsqueeze(2).Expand(\"2, 4, 4\")",
            (x, _) => All(x.Unsqueeze(2).MeanPool2d().Unsqueeze(2)),
            (x, _) => All(x.unsqueeze(2).mean([-2, -1]).unsqueeze(2))),
        new(
            "{0}.GroupPool(Symmetry.C4).Expand(\"2, 4, 4\")",
            (x, _) => All(x.GroupPool(Symmetry.C4)),
            (x, _) => All(x.unflatten(1, [-1, 4]).amax([2]))),
        new(
            "{0}.GroupPool(Symmetry.C4, mean: true).Expand(\"2, 4, 4\")",
            (x, _) => All(x.GroupPool(Symmetry.C4, mean: true)),
            (x, _) => All(x.unflatten(1, [-1, 4]).mean([2]))),
        new(
            "{0}.Unsqueeze(1).Upsample(2).Slice(2, 0, 4).Slice(3, 0, 4).Squeeze(1)",
            (x, _) => x.Unsqueeze(1).Upsample(2).Slice(2, 0, 4).Slice(3, 0, 4).Squeeze(1),
            (x, _) => F.interpolate(x.unsqueeze(1), scale_factor: [2, 2]).narrow(2, 0, 4).narrow(3, 0, 4).squeeze(1)),
    ];

    private static readonly (string Name, string Element, Func<Tensor> Draw)[] _inputs =
    [
        ("whole", "Int64", () => randint(1, 4, [2, 4, 4], dtype: ScalarType.Int64)),
        ("mask", "Bool", () => rand(2, 4, 4).gt(0.3)),
        ("real", "", () => rand(2, 4, 4) + 0.5),
        ("other", "Int64", () => randint(1, 4, [2, 4, 4], dtype: ScalarType.Int64)),
    ];

    private sealed record Step(int Operation, int On, int Other);

    // Real numbers end a chain of whole ones soon: most steps are taken on the inputs and what is near them.
    private static readonly Gen<Step[]> _chain =
        (
            from operation in Gen.Choose(0, _operations.Length - 1)
            from first in Gen.Choose(0, 11)
            from other in Gen.Choose(0, 11)
            select new Step(operation, first, other))
            .ListOf(7).Select(steps => steps.ToArray());

    private static ElementType Kind(Tensor tensor)
        => tensor.dtype switch { ScalarType.Int64 => ElementType.Int64, ScalarType.Bool => ElementType.Bool, _ => ElementType.Real };

    [Fact]
    public void HYB1023_ExactlyWhereLibtorchThrows_AndTheElementTypeIsLibtorchs()
    {
        var verdicts = new Dictionary<(int, bool), int>();
        Check.One(Seeded.Cases(1500), Prop.ForAll(_chain.ToArbitrary(), steps =>
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var tensors = _inputs.Select(input => input.Draw()).ToList();
            var taken = new List<Step>();
            foreach (var step in steps)
            {
                var operation = _operations[step.Operation];
                var (x, y) = (tensors[step.On % tensors.Count], tensors[step.Other % tensors.Count]);
                Tensor? result = null;
                var thrown = "";
                try
                {
                    result = operation.Real(x, y, tensors[1]);
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    thrown = exception.Message.Split('\n')[0];
                }
                var (element, fault) = Predict([.. taken, step]);
                var text = $"{string.Format(operation.Spec, Kind(x), Kind(y))}";
                // Other things the checker is stricter about: logarithms of what a layer gives, channels that are not fields of a group,
                // and axes that mean something else though their sizes agree.
                if (fault is "HYB3007" or "HYB1024" or "HYB1003") continue;
                Assert.True(fault is null or "HYB1023", $"{text}: {fault}");
                Assert.True(
                    (fault is null) == (result is not null),
                    $"{text}: the checker {(fault is null ? $"accepts it as {element}" : "refuses it")}, libtorch "
                        + $"{(result is null ? "throws: " + thrown : $"gives {result.dtype}")}");
                verdicts[(step.Operation, fault is null)] = verdicts.GetValueOrDefault((step.Operation, fault is null)) + 1;
                if (result is null) continue;
                Assert.True(Kind(result) == element, $"{text}: predicted {element}, libtorch gives {result.dtype}");
                tensors.Add(result);
                taken.Add(step);
            }
        }));
        Assert.True(verdicts.Count(v => !v.Key.Item2) >= 24, "too few operations were ever refused");
        Assert.All(
            Enumerable.Range(0, _operations.Length),
            n => Assert.True(verdicts.ContainsKey((n, true)), $"{_operations[n].Spec} was never accepted"));
    }

    private static (ElementType Element, string? Fault) Predict(IReadOnlyList<Step> steps)
    {
        try
        {
            var graph = Trace.Of("Chain", "", "", [.. _inputs.Select(input => (input.Name, $"2, 4, 4 {input.Element}"))], inputs =>
            {
                var symbols = inputs.ToList();
                foreach (var step in steps)
                {
                    symbols.Add(
                        _operations[step.Operation]
                            .Symbolic(symbols[step.On % symbols.Count], symbols[step.Other % symbols.Count], symbols[1]));
                }
                return [.. symbols];
            });
            return (graph.Results.Last().Shape.Element, null);
        }
        catch (SpecException exception)
        {
            return (default, exception.Fault.Id);
        }
    }

    [SeededProperty(MaxTest = 3)]
    public Property GeneratedPrograms_GiveThePredictedTypes()
    {
        return Prop.ForAll(_chain.ListOf(8).Select(chains => chains.ToArray()).ToArbitrary(), chains =>
        {
            var source = "using Hybrid;\nnamespace Random;\n" + string.Concat(chains.Select((steps, n) => Write(steps, $"Net{n}")));
            try
            {
                Run(source);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                throw new InvalidOperationException($"{exception.Message}\nin\n{source}", exception);
            }
        });
    }

    /// <summary>The steps that the checker takes, as a spec; a last layer has the network's type.</summary>
    private static string Write(IReadOnlyList<Step> steps, string name)
    {
        var kinds = _inputs.Select(
            input => input.Element switch { "Int64" => ElementType.Int64, "Bool" => ElementType.Bool, _ => ElementType.Real }).ToList();
        var names = _inputs.Select(input => input.Name).ToList();
        var taken = new List<Step>();
        var body = "";
        foreach (var step in steps)
        {
            // The derivative of a determinant takes an inverse, which repeated rows do not have.
            if (_operations[step.Operation].Spec.Contains(".Det()", StringComparison.Ordinal)
                || Predict([.. taken, step]) is not { Fault: null } predicted)
            {
                continue;
            }
            var expression = string.Format(_operations[step.Operation].Spec, names[step.On % names.Count], names[step.Other % names.Count]);
            taken.Add(step);
            kinds.Add(predicted.Element);
            names.Add($"v{names.Count}");
            body += $"        var {names[^1]} = {expression};\n";
        }
        // Every value is a result: what reaches it is compared, and nothing is idle. A layer after it makes sure that real numbers have the
        // network's type.
        var results = names.Skip(_inputs.Length - 1)
            .Select((local, n) => kinds[n + _inputs.Length - 1] == ElementType.Real ? $"{local}.Linear(2)" : local)
            .Append("whole + real * mask")
            .ToList();
        var types = string.Join(", ", results.Select(_ => "Sym"));
        var inputs = string.Join(
            ", ",
            _inputs.Select(input => $"[Shape(\"2, 4, 4\"){(input.Element.Length > 0 ? ", " + input.Element : "")}] Sym {input.Name}"));
        return $$"""
            [Network]
            [Derive(Variant.Functional, Variant.Ensemble, Variant.Tangent)]
            public partial class {{name}}
            {
                [Spec]
                internal static ({{types}}) Forward({{inputs}})
                {
            {{body}}        return ({{string.Join(", ", results)}});
                }
            }

            """;
    }

    private static void Run(string source)
    {
        var compilation = Specs.Compile(source);
        var (generated, _) = Specs.Generate(compilation);
        var assembly = new AssemblyLoadContext("elements", isCollectible: true).LoadFromStream(new MemoryStream(Specs.Emit(generated)));
        foreach (var (name, model) in Reading.Models(compilation))
        {
            var evaluated = Reading.Evaluate(model);
            Assert.True(evaluated.Graph is not null, $"{name}: {string.Join("; ", evaluated.Faults)}");
            var type = assembly.GetType(name, throwOnError: true)!;
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
            {
                using var scope = NewDisposeScope();
                var network = new RunningNetwork(type, evaluated.Graph!, new Dictionary<string, int>(), dtype);
                var inputs = _inputs.Select(input => input.Draw()).Select(x => x.is_floating_point() ? x.to(dtype) : x).ToArray();
                network.Module.eval();
                void Expect(Tensor[] outputs, string program)
                {
                    for (var i = 0; i < outputs.Length; i++)
                    {
                        var wanted = evaluated.Graph!.Results.ElementAt(i).Shape.Element switch
                        {
                            ElementType.Int64 => ScalarType.Int64, ElementType.Bool => ScalarType.Bool, _ => dtype,
                        };
                        Assert.True(
                            outputs[i].dtype == wanted,
                            $"{name}: {program} in {dtype}: output {i} is {outputs[i].dtype}, predicted {wanted}");
                    }
                }
                Expect(network.Forward(inputs), "the module");
                Expect(network.Functional(inputs), "the functional program");
                Expect(
                    network.Tangent(inputs, [.. inputs.Where(x => x.is_floating_point()).Select(x => x.unsqueeze(0))]).Value,
                    "the tangent program");
                var ensemble = RunningEnsemble.Draw(network, 2, dtype);
                Expect(ensemble.Forward(inputs), "the ensemble");
            }
        }
    }
}
