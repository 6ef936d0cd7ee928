using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using Hybrid.Graphs;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// A spec read from its syntax and the same spec run over symbols must give one graph: the trace is the oracle of the reader,
/// since in it C# itself does the evaluating.
/// </summary>
public sealed class ReadEqualsTraced
{
    [Fact]
    public void EveryZooSpec() => AssertEqual([.. ZooSources.All.Values], specs: 169);

    [Fact]
    public void NetworksAndModulesInside() => AssertEqual(
        [
            """
            using Hybrid;
            namespace Inside;

            public sealed class Halver { }

            [Network(Dims = "B, N", Where = "N % Even == 0")]
            public partial class Encoder
            {
                const int Wide = 8, Even = 2;

                [Spec] [return: Shape("B, N/2")]
                internal static Sym Forward([Shape("B, N, Wide")] Sym x) => x.Mean(2).Reshape("B, N/2, 2").Sum(2);
            }

            [Network(Dims = "M, L", Where = "L % 4 == 0")]
            public partial class Outer
            {
                [Spec] static Sym Forward([Shape("M, L, 8")] Sym x)
                {
                    var encoder = Layer.Of(Encoder.Forward, key: "encoder");
                    var y = encoder.On(x) + encoder.On(x * 2);
                    return Layer.Module<Halver>("B, N -> B, N/2", key: "halver").On(y);
                }
            }
            """,
        ],
        specs: 2);

    [Fact]
    public void CompileTimeLanguage() => AssertEqual(
        [
            """
            using Hybrid;
            namespace Language;

            [Network(Dims = "B")]
            public partial class Arithmetic
            {
                const int Wide = 1 << 4, Narrow = Wide / 3;
                const double Half = 0.5;
                const bool Deep = Wide > 10 && Narrow % 2 == 1;

                [Spec] static Sym Forward([Shape("B, Wide")] Sym x)
                {
                    int width = Deep ? Wide + Narrow * 2 : 3;
                    double p = 1;
                    p = p / 2;
                    var scaled = (int)(width * Half) - -1;
                    long big = scaled;
                    var y = x.Linear(width).Linear((int)big % 7 + 1);
                    if (p < 0.6) y = y * p + 3; else y = y / 0;
                    if (!(width == 26) || Narrow != 5) { y = y.Relu(); }
                    else y = 2 - y;
                    return -y + +y - 1.5;
                }
            }

            [Network(Dims = "B")]
            public partial class Loops
            {
                [Spec] static Sym Forward([Shape("B, 6")] Sym x)
                {
                    Sym y = x;
                    var n = 0;
                    for (int i = 0, j = 10; i < j; i += 3, j--)
                    {
                        for (;;)
                        {
                            n++;
                            if (n % 2 == 0) y = y.Linear(6 + i);
                            return Tail(y, n, out_: j);
                        }
                    }
                    return y;
                }

                [Block] static Sym Tail(Sym x, int depth, int out_ = 4)
                {
                    if (depth >= 4) return x.Linear(out_);
                    { var inner = x.Linear(depth + 2); x = inner.Relu(); }
                    return Tail(x, depth + 1, out_: out_ - 1);
                }
            }

            [Network(Dims = "B")]
            public partial class Tuples
            {
                [Spec] static (Sym, Sym) Forward([Shape("B, 4")] Sym a, [Shape("B, 4")] Sym b)
                {
                    var (sum, difference) = Mix(a, b);
                    (a, b) = (sum, a);
                    var pair = Mix(a, difference);
                    var (_, last) = pair;
                    return (pair.sum + last, pair.Item2);
                }

                [Block] static (Sym sum, Sym difference) Mix(Sym a, Sym b) => (a + b, Half(a - b));

                [Block] static Sym Half(Sym x)
                {
                    const int Two = 2;
                    return x / Two;
                }
            }

            [Network(Dims = "B")]
            public partial class Keys
            {
                const string Name = "stem";

                [Spec] static Sym Forward([Shape("B, 4")] Sym x)
                {
                    for (var i = 0; i < 2; i++) x = x.Linear(4, key: $"layer{i}_{Name}", bias: i == 0);
                    var shared = Layer.Linear(4, biasInit: Init.Normal(1e-3));
                    return Other.Blocks.Twice(shared.On(shared.On(x)).Linear(outputs: 3, inputs: 4, weightInit: Init.KaimingNormal));
                }
            }
            """,
            """
            using Hybrid;
            namespace Other;

            public static class Blocks
            {
                [Block] public static Sym Twice(Sym x, int width = 5) => Hybrid.Operations.Relu(x.Linear(width)).Once(width);

                [Block] public static Sym Once(this Sym x, int width) => x.Linear(width, key: nameof(Once));
            }
            """.Replace("Hybrid.Operations.Relu(x.Linear(width))", "x.Linear(width).Relu()"),
        ],
        specs: 4);

    private static void AssertEqual(string[] sources, int specs)
    {
        var compilation = Specs.Compile(sources);
        var models = Reading.Models(compilation);
        Assert.Equal(specs, models.Count);
        // Without the generator: a spec compiles and runs on its own.
        var assembly = new AssemblyLoadContext("traced", isCollectible: true)
            .LoadFromStream(new System.IO.MemoryStream(Specs.Emit(compilation)));
        foreach (var (name, model) in models)
        {
            var type = assembly.GetType(name, throwOnError: true)!;
            var values = Values(type, size => size + 1);
            var read = Reading.EvaluateWith(model, values);
            // Facts such as size % 4 == 0 refuse the next size; they allow twice the size.
            if (read.Graph is null) read = Reading.EvaluateWith(model, values = Values(type, size => 2 * size));
            Assert.True(read.Graph is not null, $"{name}: {string.Join("; ", read.Faults)}");
            var traced = Trace.Of(type, values);
            Assert.True(
                read.Graph!.DifferenceFrom(traced) is not { } difference,
                $"{name}, read against traced: {read.Graph.DifferenceFrom(traced)}");
        }
    }

    /// <summary>Values for the [Param]s, others than the defaults: the trace runs with numbers.</summary>
    private static Dictionary<string, object> Values(Type type, Func<int, int> ofDefault) => type
        .GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(m => m.GetCustomAttribute<SpecAttribute>() is not null)
        .SelectMany(m => m.GetParameters())
        .Where(p => p.GetCustomAttribute<ParamAttribute>() is not null)
        .ToDictionary(p => p.Name!, p => Value(p, ofDefault));

    private static object Value(ParameterInfo parameter, Func<int, int> ofDefault) => parameter.DefaultValue switch
    {
        int size when parameter.GetCustomAttribute<ParamAttribute>() is { Max: > 0 } choice => Math.Min(size + 1, choice.Max),
        int size => ofDefault(size),
        double number => number / 2,
        bool flag => !flag,
        var other => throw new InvalidOperationException($"{parameter.Name} = {other}"),
    };
}
