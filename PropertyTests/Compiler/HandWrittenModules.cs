using System.Linq;
using System.Threading.Tasks;
using Hybrid.Generators.CodeFixes;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>HYB4002: modules in arrays and lists, which TorchSharp does not find; the fix makes a ModuleList of them.</summary>
public sealed class HandWrittenModules
{
    private static string Module(string members) => $$"""
        using System.Collections.Generic;
        using System.Linq;
        using TorchSharp;
        using TorchSharp.Modules;
        using static TorchSharp.torch;
        namespace Net;
        internal sealed class Stack : nn.Module<Tensor, Tensor>
        {
            {{members}}
            public override Tensor forward(Tensor x) => x;
        }
        """;

    [Theory]
    [InlineData(
        "private readonly Linear[] {|HYB4002:layers|}; public Stack() : base(\"Stack\") { layers = new[] { nn.Linear(2, 3), nn.Linear(3, "
            + "4) }; RegisterComponents(); }")]
    [InlineData(
        "private readonly List<Linear> {|HYB4002:layers|} = new(); public Stack() : base(\"Stack\") { for (var i = 0; i < 3; i++) "
            + "layers.Add(nn.Linear(2, 2)); RegisterComponents(); }")]
    [InlineData(
        "private readonly nn.Module<Tensor, Tensor>[] {|HYB4002:layers|} = new nn.Module<Tensor, Tensor>[2]; public Stack() : "
            + "base(\"Stack\") { layers[0] = nn.Linear(2, 2); layers[1] = nn.ReLU(); RegisterComponents(); }")]
    [InlineData(
        "private Dictionary<string, Linear> {|HYB4002:Heads|} { get; } = new() { [\"a\"] = nn.Linear(2, 2) }; public Stack() : "
            + "base(\"Stack\") => RegisterComponents();")]
    [InlineData(
        "private readonly IReadOnlyList<Linear> {|HYB4002:layers|}; public Stack() : base(\"Stack\") { layers = Enumerable.Range(0, "
            + "3).Select(i => nn.Linear(i + 1, i + 2)).ToList(); RegisterComponents(); }")]
    public void ModulesThatNobodyRegisters_AreTold(string members)
    {
        var marked = Marked.Parse(Module(members));
        var compilation = Specs.Compile(marked.Source);
        Assert.Empty(Specs.Errors(compilation));
        var found = Specs.Analyze(compilation);
        Assert.Equal(marked.Expected.Select(e => (e.Id, e.Span)), found.Select(d => (d.Id, d.Location.SourceSpan)));
    }

    [Theory]
    [InlineData(
        "private readonly ModuleList<Linear> layers = new(nn.Linear(2, 3)); public Stack() : base(\"Stack\") => RegisterComponents();")]
    [InlineData(
        "private readonly Linear a = nn.Linear(2, 2), b = nn.Linear(2, 2); private readonly Linear[] all; public Stack() : "
            + "base(\"Stack\") { all = new[] { a, b }; RegisterComponents(); }")]
    [InlineData(
        "private readonly Linear[] layers; public Stack() : base(\"Stack\") { layers = new[] { nn.Linear(2, 3) }; for (var i = 0; i < 1; "
            + "i++) register_module($\"layer{i}\", layers[i]); }")]
    [InlineData("private readonly List<Tensor> seen = new(); public Stack() : base(\"Stack\") => RegisterComponents();")]
    [InlineData("private static readonly Linear[] shared = { nn.Linear(1, 1) }; public Stack() : base(\"Stack\") => RegisterComponents();")]
    [InlineData(
        "private readonly Linear[] parts; public Stack(Linear[] parts) : base(\"Stack\") { this.parts = parts; RegisterComponents(); }")]
    public void ModulesThatAreRegistered_AreNot(string members)
    {
        var compilation = Specs.Compile(Module(members));
        Assert.Empty(Specs.Errors(compilation));
        Assert.Empty(Specs.Analyze(compilation));
    }

    /// <summary>The members before, with the diagnostic, and after.</summary>
    public static TheoryData<string, string> Fixed => new()
    {
        {
            """
            private readonly Linear[] {|HYB4002:layers|};
            public Stack() : base("Stack") { layers = new[] { nn.Linear(2, 3), nn.Linear(3, 4) }; RegisterComponents(); }
            public int Depth => layers.Length;
            """,
            """
            private readonly ModuleList<Linear> layers;
            public Stack() : base("Stack") { layers = new ModuleList<Linear>(nn.Linear(2, 3), nn.Linear(3, 4)); RegisterComponents(); }
            public int Depth => layers.Count;
            """
        },
        {
            """
            private readonly List<Linear> {|HYB4002:layers|} = new();
            public Stack() : base("Stack") { for (var i = 0; i < 3; i++) layers.Add(nn.Linear(2, 2)); RegisterComponents(); }
            """,
            """
            private readonly ModuleList<Linear> layers = new ModuleList<Linear>();
            public Stack() : base("Stack") { for (var i = 0; i < 3; i++) layers.Add(nn.Linear(2, 2)); RegisterComponents(); }
            """
        },
        {
            """
            private readonly List<Linear> {|HYB4002:layers|};
            public Stack() : base("Stack")
            {
                layers = Enumerable.Range(0, 3).Select(i => nn.Linear(i + 1, i + 2)).ToList();
                RegisterComponents();
            }
            """,
            """
            private readonly ModuleList<Linear> layers;
            public Stack() : base("Stack")
            {
                layers = new ModuleList<Linear>((Enumerable.Range(0, 3).Select(i => nn.Linear(i + 1, i + 2)).ToList()).ToArray());
                RegisterComponents();
            }
            """
        },
        {
            """
            private readonly Linear[] {|HYB4002:layers|} = [nn.Linear(2, 3), nn.Linear(3, 4)];
            public Stack() : base("Stack") => RegisterComponents();
            """,
            """
            private readonly ModuleList<Linear> layers = new ModuleList<Linear>(nn.Linear(2, 3), nn.Linear(3, 4));
            public Stack() : base("Stack") => RegisterComponents();
            """
        },
    };

    [Theory]
    [MemberData(nameof(Fixed))]
    public Task Fix_KeepsThemInAModuleList(string members, string repaired)
        => FixTest<UseModuleList>.Run(Module(members), Module(repaired));

    [Fact]
    public Task Fix_IsNotOfferedWhereAnArrayIsFilledByIndex() => FixTest<UseModuleList>.RunWithoutOffer(Module(
        """
        private readonly Linear[] {|HYB4002:layers|} = new Linear[2];
        public Stack() : base("Stack") { for (var i = 0; i < 2; i++) layers[i] = nn.Linear(2, 2); RegisterComponents(); }
        """));

    [Fact]
    public void Message_SaysWhatHappensToTheParameters()
        => Assert.Equal(
            "Stack 'layers': an array of modules is not registered, so their parameters are not trained, moved or saved. Use "
                + "ModuleList<Linear>.",
            Specs.Analyze(Specs.Compile(
                Module(
                    "private readonly Linear[] layers = { nn.Linear(2, 3) }; public Stack() : base(\"Stack\") => RegisterComponents();")))
        .Single().GetMessage());
}
