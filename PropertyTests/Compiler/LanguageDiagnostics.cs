using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>HYB4xxx: what the language does not have, each at the very expression, and the rest of the spec still checked.</summary>
public sealed class LanguageDiagnostics
{
    [Fact]
    public void UnsupportedExpression_IsReportedAtItself() => Marked.Assert(
        Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var width = {|HYB4004:System.Convert.ToInt32(3.5)|};
                return x.Linear(width);
            }
        """),
        "'System.Convert.ToInt32(3.5)' calls a method that is neither an operation nor a [Block]; mark the method [Block], or write it "
            + "inline.");

    [Fact]
    public void UnsupportedStatements_AreReportedAndTheRestGoesOn() => Marked.Assert(
        Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                {|HYB4004:while (true) { break; }|}
                var y = x.Linear(3, inputs: {|HYB1001:5|});
                return x.Linear(3);
            }
        """),
        "'while (true) { break; }' is not part of the spec subset; allowed here: locals, operations, blocks, compile-time arithmetic, if, "
            + "for, foreach, lists and tuples.",
        "Linear 'y' is pinned to 5 inputs but receives 4 ('x' (line 6) is [B, 4]). Remove the pin to infer it.");

    /// <summary>What Math, lists and foreach do not do in a spec.</summary>
    [Fact]
    public void NumbersAndLists_AreThoseOfTheReading() => Marked.Assert(
        Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x, [Param] int width = 4)
            {
                var list = new System.Collections.Generic.List<Sym> { x };
                {|HYB4004:list.Clear()|};
                foreach (var c in {|HYB4005:"ab"|}) x = x.Relu();
                var y = x.Linear({|HYB4004:System.Math.Max(width, 3)|});
                var z = x.LeakyRelu({|HYB4004:System.Math.Cbrt(8)|});
                return x[.., {|HYB4004:-1|}..];
            }
        """.Replace("list.Clear()|}", "Clear()|}").Replace("{|HYB4004:Clear", "list.{|HYB4004:Clear")),
        "'Clear' is called on a list of 1; in a spec, lists have Add, Insert, RemoveAt, Reverse, Count and indices in range.",
        "A foreach goes over a list that is known when compiling; the string \"ab\" is given.",
        "Math.Max takes numbers that are known when compiling, the size width is given.",
        "Math.Cbrt with 1 argument is not part of the spec subset; it has Abs, Ceiling, Clamp, Cos, Exp, Floor, Log, Log2, Log10, Max, "
            + "Min, Pow, Round, Sign, Sin, Sqrt, Tan.",
        "A range counts from the end with ^1, not with -1.");

    /// <summary>
    /// The compiler answers some of these with an overload of Enumerable that wants another receiver; the language names what does it.
    /// </summary>
    [Fact]
    public void WhatIsCalledOtherwise_IsNamed() => Marked.Assert(
        """
        using System.Linq;
        using Hybrid;
        namespace Net;
        [Network(Dims = "B")]
        public partial class Example
        {
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var a = x.{|HYB4004:Std(1)|};
                var b = x.{|HYB4004:Average()|};
                var c = x.{|HYB4004:Concat(x)|};
                var d = x.Relu().{|HYB4004:View(-1, 4)|};
                var e = x.Gelux();
                return x.{|HYB4004:Any()|};
            }
        }
        """,
        "'Std' is not an operation of the language. Use .Var(axes).Sqrt().",
        "'Average' is not an operation of the language. Use .Mean(axes).",
        "'Concat' is not an operation of the language. Use .Cat(other, axis).",
        "'View' is not an operation of the language. Use .Reshape(shape).",
        "'Any' is not an operation of the language. Use .Max(axes) of the mask.");

    /// <summary>No entry of the list is an operation, which would never be reached there.</summary>
    [Fact]
    public void WhatIsCalledOtherwise_IsNoOperation()
    {
        Assert.NotEmpty(Rules.NearMisses.Names);
        Assert.DoesNotContain(
            Rules.NearMisses.Names,
            name => Rules.RuleTable.All.Any(rule => string.Equals(rule.Name, name, System.StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public void NonConstantLoopBound_NamesTheBound() => Marked.Assert(
        Marked.Network("""
            static readonly int depth = 3;
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                for (var i = 0; i < {|HYB4005:depth|}; i++) x = x.Relu();
                return x;
            }
        """),
        "Loop bound 'depth' is not a compile-time constant; make it a const, or build the network by tracing.");

    [Fact]
    public void ParamAsLoopBound_SaysWhatAParamIs() => Marked.Assert(
        Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x, [Param] int hidden = 3)
            {
                for (var i = 0; {|HYB4005:i < hidden|}; i++) x = x.Relu();
                return x.Linear(hidden);
            }
        """),
        "Loop bound 'hidden' is a [Param], known only when the network is constructed; make it a const, give it a largest value "
                + "([Param(Max = 8)]), or build the network by tracing.");

    [Fact]
    public void NonConstantCondition_And_Size() => Marked.Assert(
        Marked.Network("""
            static bool deep = true;
            static int Width => 3;
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                if ({|HYB4005:deep|}) x = x.Relu();
                return x.Linear({|HYB4005:Width|});
            }
        """),
        "Condition 'deep' is not a compile-time constant; make it a const, or build the network by tracing.",
        "'Width' is not a compile-time constant; make it a const, or a [Param] of the spec method.");

    [Fact]
    public void ConstantBounds_AreFine() => Marked.Assert(Marked.Network("""
            const int Depth = 3;
            const bool Deep = Depth > 2;
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                for (var i = 0; i < Depth; i++) x = x.Relu();
                if (Deep) x = x.Relu();
                return x.Linear(Deep ? Depth : 2);
            }
        """));

    [Fact]
    public void MethodThatIsNoBlock_SaysHowToMakeItOne() => Marked.Assert(
        Marked.Network("""
            static Sym Twice(Sym x) => x + x;
            [Block] static Sym Thrice(Sym x) => x + x + x;
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => {|HYB4004:Twice(x)|} + Thrice(x);
        """),
        "'Twice(x)' calls a method that is neither an operation nor a [Block]; mark the method [Block], or write it inline.");

    [Fact]
    public void EndlessLoop_Stops() => Marked.Assert(Marked.Network("""
            [Spec] static Sym {|HYB4007:Forward|}([Shape("B, 4")] Sym x)
            {
                for (var i = 0; i < 10; i--) { }
                return x;
            }
        """));

    [Fact]
    public void EndlessRecursion_Stops() => Marked.Assert(
        Marked.Network("""
            [Block] static Sym Deeper(Sym x) => {|HYB4007:Deeper(x)|}.Relu();
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => Deeper(x);
        """),
        "Block 'Deeper' calls itself more than 64 deep. End the recursion with a compile-time condition.");

    [Fact]
    public void EndlessNodes_Stop()
    {
        var found = Specs.Analyze(Specs.Compile(Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                for (var i = 0; i < 1000000; i++) x = x.Relu();
                return x;
            }
        """)));
        Assert.Equal("HYB4007", Assert.Single(found).Id);
    }

    [Fact]
    public void ContractThatCannotBeRead_IsReportedAtItsString() => Marked.Assert("""
        using Hybrid;
        namespace Net;
        [Network(Dims = {|HYB4009:"B, 2x"|}, Where = {|HYB4009:"Q > 2"|})]
        public partial class First
        {
            [Spec] static Sym Forward([Shape({|HYB4009:"B, C"|})] Sym x, {|HYB4009:int|} width) => x.Linear(3);
        }
        [Network]
        public partial class {|HYB4009:Second|} { }
        """.Replace("{|HYB4009:int|} width", "int {|HYB4009:width|}"));

    [Fact]
    public void SecondSpec_IsReported() => Marked.Assert(
        Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Relu();
            [Spec] static Sym {|HYB4009:Backward|}([Shape("B, 4")] Sym x) => x.Relu();
        """),
        "Network 'Example' has another [Spec] method, 'Forward'; a class has one. Mark pieces of a spec [Block].");

    [Fact]
    public void OperationOfSomeoneElse_IsNotTakenForTheLanguage() => Marked.Assert(
        """
        using Hybrid;
        namespace Net
        {
            using Mine;
            [Network(Dims = "B")]
            public partial class Example
            {
                [Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.{|HYB4004:Relu(2.0)|};
            }
        }
        namespace Mine
        {
            public static class Extensions { public static Sym Relu(this Sym x, double slope) => x; }
        }
        """,
        "This call binds to Mine.Extensions.Relu, not to the operation of the language. "
            + "Rename that method, or remove its using directive.");

    [Fact]
    public void FaultInABlockOfAnotherFile_IsReportedAtTheCall()
    {
        var sources = new[]
        {
            Marked.Network("""
                [Spec] static Sym Forward([Shape("B, 4")] Sym x) => Blocks.Pinned(x);
            """),
            """
            using Hybrid;
            namespace Net;
            static class Blocks
            {
                [Block] public static Sym Pinned(Sym x) => x.Linear(3, inputs: 5);
            }
            """,
        };
        var diagnostic = Assert.Single(Specs.Analyze(Specs.Compile(sources)));
        Assert.Equal(("HYB1001", "0.cs"), (diagnostic.Id, diagnostic.Location.SourceTree!.FilePath));
        Assert.Equal("Blocks.Pinned(x)", sources[0].Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Contains(
            diagnostic.AdditionalLocations,
            l => l.SourceTree!.FilePath == "1.cs" && sources[1].Substring(l.SourceSpan.Start, l.SourceSpan.Length) == "5");
    }

    [Fact]
    public void CompilerErrors_AreLeftToTheCompiler() => Marked.Assert(Marked.Network("""
            [Spec] static Sym Forward([Shape("B, 4")] Sym x)
            {
                var a = x.Linear(undeclared);
                var b = x.Rleu();
                var c = x.Linear(3, inputs: {|HYB1001:5|});
                var d = a.Linear(3, inputs: 5);
                return x.Linear(a, b, );
            }
        """));

    [Fact]
    public void HelpLinksAndTitles_AreThere()
    {
        foreach (var descriptor in new Generators.SpecAnalyzer().SupportedDiagnostics)
        {
            Assert.Equal($"docs/diagnostics/{descriptor.Id}.md", descriptor.HelpLinkUri);
            Assert.False(string.IsNullOrWhiteSpace(descriptor.Title.ToString()), descriptor.Id);
        }
    }

    [Theory]
    [InlineData("public static partial class {|HYB4014:Net|}", "'Net' is static, and a network is made and holds weights. Make the "
        + "class non-static.")]
    [InlineData("public abstract partial class {|HYB4014:Net|}", "'Net' is abstract, and a network is sealed. Make the class "
        + "non-abstract.")]
    [InlineData("public partial class {|HYB4014:Net|}<T>", "'Net' is generic, and a network is one class. Take its type parameters out.")]
    [InlineData("file partial class {|HYB4014:Net|}", "'Net' is local to its file, and generated code is in another one. Make it "
        + "internal.")]
    [InlineData("public partial record {|HYB4014:Net|}", "'Net' is a record, and what is generated is a class. Write class instead of "
        + "record.")]
    [InlineData("public partial class {|HYB4014:@event|}", "'event' is a keyword of C#, which generated code cannot call a class. "
        + "Rename it.")]
    [InlineData(
        "public partial class Net{|HYB4014:(int k)|}",
        "'Net' has a primary constructor, and its constructor is generated. Declare [Param] sizes in the spec instead.")]
    [InlineData(
        "public partial class Net : {|HYB4014:Base|}",
        "'Net' derives from Base, and a network derives from torch.nn.Module. Hold what it needs in a class of its own.")]
    public void ClassThatCannotHoldANetwork_IsRefused(string declaration, string message)
    {
        var source = $"using Hybrid;\nnamespace Nets;\npublic class Base {{ }}\n[Network(Dims = \"B\")] {declaration}\n"
            + "{\n    [Spec] static Sym Forward([Shape(\"B, 4\")] Sym x) => x.Linear(2);\n}\n";
        Marked.Assert(source, message);
        Assert.Empty(Specs.Files(Specs.Generate(Specs.Compile(Marked.Parse(source).Source)).Result));
    }

    [Theory]
    [InlineData("public int {|HYB4014:Weights|} => 3;")]
    [InlineData("private int {|HYB4014:_linear_1|};")]
    [InlineData("public TorchSharp.torch.Tensor {|HYB4014:forward|}(TorchSharp.torch.Tensor x) => x;")]
    [InlineData("public class {|HYB4014:Ensemble|} { }")]
    [InlineData("const int {|HYB4014:ModelCard|} = 3;")]
    [InlineData("public int forward(int x) => x;")]
    [InlineData("public static TorchSharp.torch.Tensor Forward(TorchSharp.torch.Tensor x) => x;")]
    [InlineData("public int Width => 3; private int _width; void CheckInputs() { } const int Layers = 2;")]
    public void MemberOfAGeneratedName_IsRefused(string member) => Marked.Assert($$"""
        using Hybrid;
        namespace Nets;
        [Network(Dims = "B"), Derive(Variant.Functional, Variant.Ensemble, Variant.Card)]
        public partial class Net
        {
            {{member}}
            [Spec] static Sym Forward([Shape("B, 4")] Sym x) => x.Linear(2);
        }
        """);

    [Theory]
    [InlineData("static void {|HYB4009:Forward|}([Shape(\"B, 4\")] Sym x) { x.Linear(2); }", "'Forward' returns void; a spec returns "
        + "Sym, or a tuple of them.")]
    [InlineData("static object {|HYB4009:Forward|}([Shape(\"B, 4\")] Sym x) => x.Linear(2);", "'Forward' returns object; a spec "
        + "returns Sym, or a tuple of them.")]
    [InlineData(
        "static extern Sym {|HYB4009:Forward|}([Shape(\"B, 4\")] Sym x);",
        "'Forward' has no body here, from which the network would be read. Write it at the method that is marked [Spec].")]
    [InlineData(
        "static Sym {|HYB4009:Forward|}() => Sym.Parameter(\"3\");",
        "'Forward' takes no tensors; a network computes from its inputs. Give it one: [Shape(\"B, 10\")] Sym x.")]
    [InlineData("Sym {|HYB4009:Forward|}([Shape(\"B, 4\")] Sym x) => x.Linear(2);", "'Forward' is not static; a spec is read before "
        + "there is a network. Make it static.")]
    [InlineData("static Sym {|HYB4009:Forward|}<T>([Shape(\"B, 4\")] Sym x) => x.Linear(2);", "'Forward' is generic; a spec is one "
        + "method. Take its type parameters out.")]
    [InlineData("static Sym {|HYB4009:@for|}([Shape(\"B, 4\")] Sym x) => x.Linear(2);", "'for' is a keyword of C#, which generated "
        + "code cannot call a method. Rename it.")]
    [InlineData(
        "static Sym Forward([Shape(\"B, 4\")] Sym x, [Param] int {|HYB4009:device|} = 3) => x.Linear(device);",
        "[Param] 'device' has the name of another parameter of generated constructors. Rename it.")]
    public void MethodThatIsNoSpec_IsRefused(string method, string message) => Marked.Assert(Marked.Network("    [Spec] "
        + "" + method), message);

    [Fact]
    public void Aliases_AreReadAsWhatTheyAre() => Marked.Assert("""
        using S = Hybrid.Sym;
        using L = Hybrid.Layer;
        using H = Hybrid;
        using N = Hybrid.NetworkAttribute;
        using Sp = Hybrid.SpecAttribute;
        using Sh = Hybrid.ShapeAttribute;
        using Bl = Hybrid.BlockAttribute;
        using P = Hybrid.ParamAttribute;
        using Hybrid;
        namespace Nets;
        [N(Dims = "B")]
        public partial class Net
        {
            [Sp] [return: Sh("B, 2")] static S Forward([Sh("B, 4")] H::Sym x, [P] int width = 3) => Piece(L.Linear(width).On(x)).Linear(2);
            [Bl] static S Piece(S x) => x.Linear(3, inputs: {|HYB1001:5|});
        }
        """);
}
