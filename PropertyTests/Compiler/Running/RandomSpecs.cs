using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>
/// Writes a spec from a list of choices: each one picks a local and applies an operation to it. The writer keeps to what is legal at
/// the smallest input, so that every spec compiles; which shapes result is left to the checker and to libtorch.
/// </summary>
internal static class RandomSpecs
{
    private sealed record Local(string Name, int Rank, int Channels, int Size);

    private static readonly string[] _pointwise =
    [
        "Relu()",
        "LeakyRelu(0.1)",
        "Elu()",
        "Gelu()",
        "Silu()",
        "Sigmoid()",
        "Tanh()",
        "Softplus()",
        "Square()",
        "Abs()",
        "Dropout(0.3)",
        "Dropout(0)",
        "Clamp(-1.0, 1.0)",
        "Sin()",
        "Cos()",
        "Erf()",
        "Softplus().LGamma()",
        "Sigmoid().Digamma()",
    ];

    private static readonly string[] _reductions =
    [
        "Max((2, 3))",
        "Min((-1, 2))",
        "LogSumExp((2, 3))",
        "LogSumExp((2, 3), keep: true).Squeeze(3).Squeeze(2)",
        "Var((2, 3), correction: 0)",
        "Max(3, keep: true).Min((2, 3))",
    ];

    private static readonly string[] _comparisons = [">", ">=", "<", "<="];

    /// <param name="choices">Numbers that decide everything; any list is a spec.</param>
    /// <param name="name">The class.</param>
    public static string Write(IReadOnlyList<(int Local, int Operation, int Argument)> choices, string name)
    {
        var isSymbolic = choices.Count % 2 == 0;
        var image = new Local("image", 4, 3, 24);
        var locals = new List<Local> { image, new("features", 2, 6, 1) };
        var used = new HashSet<string>();
        var body = new StringBuilder();
        foreach (var (pick, operation, argument) in choices)
        {
            var x = locals[pick % locals.Count];
            var (expression, result) = x.Rank == 4 ? OnImages(x, operation, argument) : OnFeatures(x, locals, used, operation, argument);
            if (expression is null) continue;
            used.Add(x.Name);
            var local = result with { Name = $"v{locals.Count}" };
            locals.Add(local);
            body.Append($"        var {local.Name} = {expression};\n");
        }
        var results = locals.Where(l => !used.Contains(l.Name)).Select(l => l.Name).ToList();
        var type = results.Count == 1 ? "Sym" : $"({string.Join(", ", results.Select(_ => "Sym"))})";
        var value = results.Count == 1 ? results[0] : $"({string.Join(", ", results)})";
        var (sizes, dims, where) = isSymbolic ? ("H, W", "B, H, W", "B >= 2, H >= 24, W >= 24") : ("24, 26", "B", "B >= 2");
        // Without weights that can be drawn Flipout is refused (HYB5004).
        var drawn = body.ToString() is var text
            && (text.Contains(".Linear(", StringComparison.Ordinal) || text.Contains(".Conv2d(", StringComparison.Ordinal))
            ? ", Variant.Flipout"
            : "";
        return $$"""
            [Network(Dims = "{{dims}}", Where = "{{where}}")]
            [Derive(Variant.Functional, Variant.Tangent, Variant.Ensemble{{drawn}})]
            public partial class {{name}}
            {
                [Spec]
                internal static {{type}} Forward([Shape("B, 3, {{sizes}}")] Sym image, [Shape("B, 6")] Sym features)
                {
            {{body}}        return {{value}};
                }
            }

            """;
    }

    private static (string?, Local) OnImages(Local x, int operation, int argument)
    {
        switch (operation % 28)
        {
            case 0 or 1:
                var (k, stride, pad) = (1 + argument % 3, 1 + argument / 3 % 2, argument / 6 % 2);
                if (x.Size + 2 * pad < k) return (null, x);
                return ($"{x.Name}.Conv2d({1 + argument % 5}, k: {k}, stride: {stride}, pad: "
                    + $"{pad}{(argument % 7 == 0 ? ", bias: false" : "")})",
                    x with { Channels = 1 + argument % 5, Size = (x.Size + 2 * pad - k) / stride + 1 });
            case 2:
                if (x.Size < 3) return (null, x);
                return (
                    $"{x.Name}.Conv2d(2, k: (1, 3), pad: (0, {argument % 2}), dilation: 1)", x with { Channels = 2, Size = x.Size - 2 });
            case 3:
                return ($"{x.Name}.BatchNorm()", x);
            case 4:
                if (x.Size < 3) return (null, x);
                return argument % 2 == 0
                    ? ($"{x.Name}.MaxPool2d(2)", x with { Size = x.Size / 2 })
                    : ($"{x.Name}.MaxPool2d(3, stride: 2, pad: 1)", x with { Size = (x.Size - 1) / 2 + 1 });
            case 5:
                return x.Size < 2
                    ? (null, x)
                    : ($"{x.Name}.AvgPool2d(2, stride: {1 + argument % 2})", x with { Size = argument % 2 == 0 ? x.Size - 1 : x.Size / 2 });
            case 6:
                return ($"{x.Name}.MeanPool2d()", new Local("", 2, x.Channels, 1));
            case 7:
                return ($"{x.Name}.AdaptiveAvgPool2d(2).Flatten()", new Local("", 2, x.Channels * 4, 1));
            case 8:
                return argument % 2 == 0
                    ? ($"{x.Name} + {x.Name}.Conv2d({x.Channels}, k: 1)", x)
                    : ($"{x.Name}.Cat({x.Name}.Tanh())", x with { Channels = 2 * x.Channels });
            case 9:
                return ($"2 * {x.Name} - 1", x);
            case 10:
                return ($"{x.Name}.Mean((2, 3)).Softmax()", new Local("", 2, x.Channels, 1));
            case 11:
                if (x.Size > 48) return (null, x);
                var (kernel, step, cut) = (2 + argument % 3, 1 + argument % 2, argument / 6 % 2);
                return ($"{x.Name}.ConvTranspose2d({1 + argument % 4}, k: {kernel}, stride: {step}, pad: "
                    + $"{cut}{(step == 2 && argument % 5 == 0 ? ", outputPad: 1" : "")})",
                    x with
                    {
                        Channels = 1 + argument % 4,
                        Size = ((x.Size - 1) * step) - (2 * cut) + kernel + (step == 2 && argument % 5 == 0 ? 1 : 0),
                    });
            case 12:
                return x.Size > 48
                    ? (null, x)
                    : ($"{x.Name}.Upsample(2{(argument % 2 == 0 ? ", bilinear: true" : "")})", x with { Size = 2 * x.Size });
            case 13:
                return argument % 4 == 3
                    ? ($"{x.Name}.Pad(2).CropTo({x.Name})", x)
                    : ($"{x.Name}.Pad(({argument % 3}, {argument % 2}))", x);
            case 14:
                return x.Size < 3
                    ? (null, x)
                    : ($"{x.Name}.Slice({(argument % 2 == 0 ? 2 : -2)}, {argument % 2}, 2).Slice(3, 1, 1)", x with { Size = 1 });
            case 16:
                return ($"{x.Name}.SqueezeExcite({1 + (argument % 3)}{(argument % 2 == 0 ? ", silu: true" : "")}).DropPath(0.2)", x);
            case 17:
                return (
                    $"{x.Name}.BlurPool2d(stride: {1 + (argument % 2)})",
                    x with { Size = argument % 2 == 0 ? x.Size : (x.Size - 1) / 2 + 1 });
            case 18:
                var (same, by) = (1 + (argument % 4), 1 + (argument / 4 % 3));
                return (
                    $"{x.Name}.Conv2d({1 + (argument % 5)}, k: {same}, stride: {by}, same: true)",
                    x with { Channels = 1 + (argument % 5), Size = (x.Size + by - 1) / by });
            case 19:
                var group = (argument % 3) switch { 0 => "Symmetry.C4", 1 => "Symmetry.D2", _ => "Symmetry.D4" };
                return (
                    $"{x.Name}.LiftConv2d(2, k: 3, {group}, pad: 1).GroupBatchNorm({group}).GroupConv2d(1, k: 1, "
                        + $"{group}).GroupPool({group}{(argument % 2 == 0 ? ", mean: true" : "")})",
                    x with { Channels = 1 });
            case 20:
                // Each place attends to all: a small map, or a pool before.
                return (
                    $"{x.Name}.AdaptiveAvgPool2d(3).Flatten(2).Transpose(1, "
                        + $"2).Attention({(argument % 2 == 0 ? 1 : x.Channels)}{(argument % 3 == 0 ? ", causal: true" : "")}).Mean(1)",
                    new Local("", 2, x.Channels, 1));
            case 21:
                return (
                    $"{x.Name}.Mean(2).Conv1d({1 + (argument % 4)}, k: 3, pad: "
                        + $"1).{(argument % 2 == 0 ? "MaxPool1d(2)" : "AvgPool1d(2, stride: 1, pad: 1)")}.MeanPool1d()",
                    new Local("", 2, 1 + (argument % 4), 1));
            case 22:
                return ($"{x.Name}.{_reductions[argument % _reductions.Length]}", new Local("", 2, x.Channels, 1));
            case 23:
                return (
                    $"Sym.Where({x.Name} {_comparisons[argument % 4]} {x.Name}.Mean((2, 3), keep: true), "
                        + $"{(argument % 3 == 0 ? $"{x.Name}.Mean(1, keep: true)" : x.Name)}, "
                        + $"{(argument % 2 == 0 ? "0.5" : $"{x.Name}.Square()")})",
                    x);
            case 24:
                return argument % 2 == 0
                    ? ($"({x.Name}.Square() + 1).Normalize({(argument % 4 == 0 ? -1 : 1)})", x)
                    : ($"{x.Name}.CumSum({(argument % 4 == 1 ? -2 : 3)})", x);
            case 15:
                return ($"{x.Name}.GroupNorm({(argument % 2 == 0 ? 1 : x.Channels)})", x);
            default:
                return ($"{x.Name}.{_pointwise[argument % _pointwise.Length]}", x);
        }
    }

    private static (string?, Local) OnFeatures(Local x, List<Local> locals, HashSet<string> used, int operation, int argument)
    {
        var partner = locals.LastOrDefault(l => l.Name != x.Name && l.Rank == 2);
        switch (operation % 21)
        {
            case 0 or 1:
                return (
                    $"{x.Name}.Linear({1 + argument % 6}{(argument % 5 == 0 ? ", bias: false" : "")})",
                    x with { Channels = 1 + argument % 6 });
            case 2:
                return ($"{x.Name}.BatchNorm()", x);
            case 3 when partner is not null:
                used.Add(partner.Name);
                return ($"{x.Name}.Cat({partner.Name})", x with { Channels = x.Channels + partner.Channels });
            case 4 when partner is not null && partner.Channels == x.Channels:
                used.Add(partner.Name);
                return ($"{x.Name} {"+-*"[argument % 3]} {partner.Name}", x);
            case 5:
                return ($"{x.Name}.Softmax()", x);
            case 10:
                return x.Channels < 2 ? (null, x) : ($"{x.Name}.LayerNorm()", x);
            case 11:
                return (
                    $"{x.Name}.Slice(1, {argument % x.Channels}, {x.Channels - (argument % x.Channels)})",
                    x with { Channels = x.Channels - (argument % x.Channels) });
            case 12:
                return (
                    $"{x.Name}.Unsqueeze(2).{(argument % 2 == 0 ? "Lstm" : "Gru")}({1 + (argument % 3)}, bidirectional: "
                        + $"{(argument % 3 == 0 ? "true" : "false")}).sequence.Mean(1)",
                    x with { Channels = (1 + (argument % 3)) * (argument % 3 == 0 ? 2 : 1) });
            case 13:
                return x.Channels % 2 == 1
                    ? ($"{x.Name} * Sym.Parameter(\"{x.Channels}\", Init.Normal(1))", x)
                    : ($"{x.Name}.Chunk(2)[{argument % 2}]", x with { Channels = x.Channels / 2 });
            case 14:
                return ($"{x.Name}.Unsqueeze(1).Expand(\"B, 3, {x.Channels}\").Unbind()[{argument % 3}]", x);
            case 15:
                return (
                    $"{x.Name}.Gather({x.Name}.{(argument % 2 == 0 ? "ArgMax" : "ArgMin")}(1, keep: true), 1)", x with { Channels = 1 });
            case 16:
                return ($"{x.Name}.ArgMax().OneHot({x.Channels}) * {x.Name}", x);
            case 17:
                return ($"{x.Name}.Atan2({x.Name}.Square() + 1)", x);
            case 18:
                return ($"{x.Name} * !({x.Name} > 0.5) + {x.Name} * (0 < {x.Name}).EqualTo({x.Name} <= 1)", x);
            case 19:
                return argument % 3 == 0
                    ? ($"{x.Name}[.., ^1..]", x with { Channels = 1 })
                    : ($"{x.Name}[.., {argument % x.Channels}..]", x with { Channels = x.Channels - (argument % x.Channels) });
            case 6:
                return ($"({x.Name} / 2 + 0.5).Unsqueeze(1).Squeeze({(x.Channels > 1 && argument % 2 == 0 ? "" : "1")})", x);
            case 7:
                return ($"{x.Name}.Reshape(\"B, 1, {x.Channels}\").Permute(0, 2, 1).Flatten()", x);
            case 8:
                return ($"{x.Name} / (1 + {x.Name}.Square().Sum(1, keep: true))", x);
            default:
                return ($"{x.Name}.{_pointwise[argument % _pointwise.Length]}", x);
        }
    }
}
