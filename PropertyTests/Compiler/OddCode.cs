using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Generators.CodeFixes;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// Programs that C# allows and few people write: keywords for names, types called Tensor, aliases, classes of every kind. What is generated
/// compiles, or a HYB error says why nothing is; nothing fails, and no other network loses its members.
/// </summary>
public sealed class OddCode
{
    private static readonly string[] _names =
    [
        "Net", "@event", "@class", "Tensor", "torch", "nn", "functional", "Modules", "init", "Weights", "Ensemble", "Flipout", "forward",
        "System", "Нетто", "N\\u0065t", "_", "__", "field", "record", "Layer", "Sym", "Init", "Variant", "List", "Math", "Func", "Array",
        "Network", "Spec", "x", "B", "Value", "Forward", "ModelCard", "Product", "scope", "w", "training", "global", "dynamic", "await",
    ];

    private static readonly string[] _spaces =
    [
        "", "namespace My.@default;", "namespace My.@class.@namespace;", "namespace Nets;", "namespace My.Tensor;", "namespace "
            + "My.torch.nn;",
        "namespace My.System;", "namespace My.Hybrid;", "namespace Hybrid;", "namespace My.TorchSharp;", "namespace "
            + "List;", "namespace Ünï;",
    ];

    private static readonly string[] _modifiers =
    [
        "public partial class", "public partial class", "public partial class", "partial class", "file partial class", "public static "
            + "partial class",
        "public abstract partial class", "public sealed partial class", "public class", "public partial record", "public partial struct",
        "internal unsafe partial class",
    ];

    private static readonly string[] _heads = ["", "", "", "", "", "", "<T>", "<T, U>", "(int k)", " : object", " : Base", " : "
        + "IThing", " : TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>"];

    private static readonly string[] _members =
    [
        "", "", "", "public int Weights => 3;", "public static int ModelCard;", "private int _linear_1;", "public class Ensemble { }",
        "public enum Flipout { A }", "public event System.Action forward;", "public TorchSharp.torch.Tensor "
            + "forward(TorchSharp.torch.Tensor x) => x;",
        "public int forward(int x) => x;", "private void CheckInputs() { }", "public Net() : base(\"x\") { }", "const int Tensor = 3;",
        "static int torch => 3;", "public class nn { }", "public delegate void Math();", "[Block] static Sym Weights(Sym x) => x;",
        "const int Weights = 3;", "public static void Product() { }", "int this[int i] => i;", "public static implicit operator "
            + "int(Net n) => 3;",
        "~Net() { }", "static Net() { }", "public override string ToString() => \"\";", "public static TorchSharp.torch.Tensor "
            + "Forward(TorchSharp.torch.Tensor x) => x;",
        "[Spec] static Sym Other([Shape(\"B\")] Sym x) => x;", "public partial class Block1Layers { }", "public "
            + "TorchSharp.torch.Tensor scope;",
    ];

    private static readonly string[] _specs =
    [
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2).Relu();",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym @object, [Shape(\"B, 4\")] Sym @event) { var @if = @object + @event; var "
            + "@new = @if.Linear(3); return @new; }",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Param] int @int = 3) => x.Linear(@int);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Param] int device = 3, [Param] int dtype = 2) => "
            + "x.Linear(device).Linear(dtype);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Param] int members = 3, [Param] int layers = 2, [Param] int name = 2, "
            + "[Param] int sigma = 3) => x.Linear(members).Linear(layers).Linear(name).Linear(sigma);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x, [Param] int parameters = 3, [Param] int to = 2, "
            + "[Param] int width = 2, [Param] int buffers = 3) { var width2 = x.Linear(parameters); return "
            + "width2.Linear(to, key: \"width\").Linear(buffers, key: "
            + "\"to\").Linear(width); }",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(3, key: \"parameters\").Linear(3, key: \"modules\").Linear(3, key: "
            + "\"toEpilog\").Linear(3, key: \"width.width\");",
        "[Spec] static Sym @for([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static Sym forward([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static Sym Weights([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static Sym train([Shape(\"B, 4\")] Sym training, [Shape(\"B, 4\")] Sym w, [Shape(\"B, 4\")] Sym scope) => "
            + "(training.Dropout(0.1) + w * scope).Linear(2);",
        "[Spec] static Sym Forward() => Sym.Parameter(\"3\");",
        "[Spec] static void Forward([Shape(\"B, 4\")] Sym x) { x.Linear(2); }",
        "[Spec] static object Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static extern Sym Forward([Shape(\"B, 4\")] Sym x);",
        "[Spec] static Sym[] Forward([Shape(\"B, 4\")] Sym x) => [x];",
        "[Spec] Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static Sym Forward<T>([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] in Sym x, [Shape(\"B, 4\")] ref Sym y) => (x + y).Linear(2);",
        "[Spec] static Sym? Forward([Shape(\"B, 4\")] Sym? x) => x!.Linear(2);",
        "[Spec] static async System.Threading.Tasks.Task<Sym> Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2);",
        "[Spec] static (Sym @class, Sym @if) Forward([Shape(\"B, 4\")] Sym x) => (x.Linear(2), x.Linear(3));",
        "[Spec] static (Sym, (Sym, Sym)) Forward([Shape(\"B, 4\")] Sym x) => (x, (x, x));",
        "[Spec] static System.ValueTuple<Sym, Sym> Forward([Shape(\"B, 4\")] Sym x) => (x.Linear(2), x.Linear(3));",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x;",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) { var torch = x.Linear(3); var nn = torch.Relu(); var Tensor = "
            + "nn.BatchNorm(); var System = Tensor.Linear(2); var global = System.Tanh(); return global; }",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(3, key: \"a b\").Linear(3, key: \"\").Linear(3, key: "
            + "\"q\\n\").Linear(3, key: \"\\\"\");",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(3, key: \"forward\").Linear(3, key: \"class.if\").Linear(3, "
            + "key: \"Weights\").Linear(3, key: \"ToVector\").Linear(3, key: \"1\");",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Permute([1, 0]).Permute(new[] { 1, 0 }).Linear(2);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) { return F(x); [Block] static Sym F(Sym y) => y.Linear(2); }",
        "[Spec] static S Forward([Sh(\"B, 4\")] S x) => L.Linear(2).On(x);",
        "[Sp] static Sym Forward([Sh(\"B, 4\")] H::Sym x, [P] int width = 3) => Foo(x).Linear(width); [Bl] static Sym Foo(Sym x) => "
            + "x.Linear(2);",
        "[Spec, Obsolete] static Sym Forward([Shape(\"B, 4\")] Sym x, [Shape(\"B, 4\")] Sym y = null!) => (x + y).Linear(2);",
        "/// <summary>a & b <c</summary>\n/// <param name=\"x\">a < b</param>\n[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => "
            + "x.Linear(2);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] params Sym[] x) => x[0];",
        "[Spec] static Sym Forward([Shape(\"B, 4\"), Param] Sym x) => x.Linear(2);",
        "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => Layer.Of(Other.Forward).On(x);",
        "",
    ];

    private static readonly string[] _dims = ["B", "B", "B", "B, int, scope", "B, @class", "B, forward, x", "b, B", ""];

    private static readonly string[] _around = ["", "", "", "", "public partial class Outer", "public partial record struct "
        + "Outer", "public static partial class @if", "public partial interface IOuter", "public partial class Outer<T> where T : "
        + "class", "class Closed"];

    private static readonly string[] _variants = ["Functional", "Ensemble", "Flipout", "Tangent", "Card"];

    private const string Before = """
        using System;
        using Hybrid;
        using S = Hybrid.Sym;
        using L = Hybrid.Layer;
        using H = Hybrid;
        using Sh = Hybrid.ShapeAttribute;
        using Sp = Hybrid.SpecAttribute;
        using Bl = Hybrid.BlockAttribute;
        using P = Hybrid.ParamAttribute;

        """;

    // A network that the odd one must leave alone, with code that uses it.
    private const string Other = """
        using Hybrid;
        namespace Untouched;
        [Network(Dims = "B")] public partial class Bystander { [Spec] internal static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(2); }
        public static class Use { public static TorchSharp.torch.Tensor Of(Bystander net, TorchSharp.torch.Tensor x) => net.forward(x); }
        """;

    private static Gen<string> Programs
        => from name in Gen.Elements(_names)
           from space in Gen.Elements(_spaces)
           from modifier in Gen.Elements(_modifiers)
           from head in Gen.Elements(_heads)
           from first in Gen.Elements(_members)
           from second in Gen.Elements(_members)
           from spec in Gen.Elements(_specs)
           from dims in Gen.Elements(_dims)
           from around in Gen.Elements(_around)
           from derived in Gen.SubListOf(_variants)
           from isLoss in Gen.Choose(0, 5)
           from isNamed in Gen.Choose(0, 2)
           let called = isNamed == 0 ? name : "Net"
           let members = (first + "\n" + second).Replace("Net(", $"{called}(", StringComparison.Ordinal)
           select Written(called, space, modifier, head, members, spec, dims, around, derived, isLoss == 0 ? "Loss" : "Network");

    private static string Written(
        string name,
        string space,
        string modifier,
        string head,
        string members,
        string spec,
        string dims,
        string around,
        IEnumerable<string> derived,
        string kind)
    {
        var variants = string.Join(", ", derived.Select(variant => $"Hybrid.Variant.{variant}"));
        var derive = variants.Length == 0 ? "" : $"[Hybrid.Derive({variants})]\n";
        var net = $"[Hybrid.{kind}(Dims = \"{dims}\")]\n{derive}{modifier} {name}{head}\n{{\n{members}\n{spec}\n}}";
        var types = "public class Base { }\npublic interface IThing { }\n[Hybrid.Network(Dims = \"B\")] public partial class Other { "
            + "[Hybrid.Spec] [return: Hybrid.Shape(\"B, 4\")] internal static Hybrid.Sym Forward([Hybrid.Shape(\"B, 4\")] Hybrid.Sym "
            + "x) => x.Linear(4); }";
        // A type of the global namespace is seen by every network.
        if (space.Length == 0 && name != "Net") space = "namespace Nets;";
        return $"{Before}{space}\n{types}\n{(around.Length == 0 ? net : $"{around}\n{{\n{net}\n}}")}\n";
    }

    private static readonly CodeFixProvider[] _fixes =
        [new ApplyEdit(), new AddFact(), new RemovePin(), new ChangePromise(), new MakeConst(), new ChangeVariants()];

    [Fact]
    public void ProgramsOfOddNames_AreGeneratedOrRefused()
        => Check.One(Seeded.Cases(150), Prop.ForAll(Programs.ToArbitrary(), source =>
        {
            Holds(source);
            // What an editor offers for the first fault is applied without a failure, whatever the code is.
            if (Specs.Analyze(Specs.Compile(source)).FirstOrDefault() is { } fault)
                foreach (var provider in _fixes.Where(provider => provider.FixableDiagnosticIds.Contains(fault.Id)))
                    Fixes.Apply(provider, fault.Id, source);
            return true;
        }));

    /// <summary>Each odd thing by itself, so that none hides another.</summary>
    public static TheoryData<string> Singly => [.. _names.Select(name => Plain(name: name)),
        .. _spaces.Select(space => Plain(space: space)),
        .. _modifiers.Distinct().Select(modifier => Plain(modifier: modifier)),
        .. _heads.Distinct().Select(head => Plain(head: head)),
        .. _members.Distinct().Select(member => Plain(members: member)),
        .. _specs.Select(spec => Plain(spec: spec)),
        .. _around.Distinct().Select(around => Plain(around: around))];

    private static string Plain(
        string name = "Net",
        string space = "",
        string modifier = "public partial class",
        string head = "",
        string members = "",
        string spec = "[Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2).Relu();",
        string around = "")
        => Written(name, space, modifier, head, members, spec, "B", around, _variants, "Network");

    [Theory]
    [MemberData(nameof(Singly))]
    public void EachOddThing_IsGeneratedOrRefused(string source) => Holds(source);

    private static void Holds(string source)
    {
        var (generated, result) = Specs.Generate(Specs.Compile(source, Other));
        Assert.All(result.Results, r => Assert.True(r.Exception is null, $"{r.Exception}\nin\n{source}"));
        Assert.True(result.Diagnostics.IsEmpty, $"{string.Join("\n", result.Diagnostics)}\nin\n{source}");
        var found = Specs.Analyze(generated);
        Assert.True(found.All(d => d.Id.StartsWith("HYB", StringComparison.Ordinal)), $"{string.Join("\n", found)}\nin\n{source}");
        Assert.All(found, d => Assert.DoesNotContain('\n', d.GetMessage()));
        var errors = Specs.Errors(generated);
        var broken = errors.Where(error
            => error.Location.SourceTree?.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) == true).ToList();
        // What C# itself refuses in the source explains what is broken beside it.
        var isExplained = found.Any(d => d.Severity == DiagnosticSeverity.Error) || errors.Count > broken.Count;
        Assert.True(broken.Count == 0 || isExplained, $"{string.Join("\n", broken.Take(5))}\nin\n{source}");
        // A namespace or type of the global namespace may be in the way of every network, which says so.
        Assert.True(
            errors.All(error => error.Location.SourceTree?.FilePath != "1.cs")
                || found.Any(d => d.Severity == DiagnosticSeverity.Error && d.Location.SourceTree?.FilePath == "1.cs"),
            $"a network beside it is broken:\n{string.Join("\n", errors.Take(5))}\nin\n{source}");
    }
}
