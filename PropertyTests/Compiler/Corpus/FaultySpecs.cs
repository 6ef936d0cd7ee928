using System.Collections.Generic;
using System.Linq;
using Hybrid.PropertyTests.Compiler.Roslyn;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>A spec with a fault that people really make, and the place where it is to be told.</summary>
/// <param name="Situation">What happened: the error that was met elsewhere, or how the code came about.</param>
/// <param name="Members">The members of the class, the fault marked.</param>
internal sealed record FaultySpec(string Situation, string Members)
{
    public string Dims { get; init; } = "B";

    public string Where { get; init; } = "";

    public bool IsLoss { get; init; }

    /// <summary>Before the class's own attribute.</summary>
    public string Attributes { get; init; } = "";

    /// <summary>The whole file, where the fault is in the class's attribute.</summary>
    public string? Whole { get; init; }

    public string Source
    {
        get
        {
            if (Whole is not null) return Whole;
            var network = Marked.Network(Members, Dims, Where)
                .Replace("[Network(", Attributes + "[Network(", System.StringComparison.Ordinal);
            return IsLoss ? network.Replace("[Network(", "[Loss(", System.StringComparison.Ordinal) : network;
        }
    }

    public override string ToString() => Situation;
}

/// <summary>
/// Faults over the whole catalogue, modelled on situations of public issue threads and forum questions; where the situation is an error's
/// text, it is what the user met when the program ran.
/// </summary>
internal static partial class FaultySpecs
{
    public static IReadOnlyList<FaultySpec> All { get; }
        = [.. Shapes, .. Meanings, .. Architectures, .. Axes, .. Vocabulary, .. Parameters, .. Reports];

    /// <summary>A network of an input x and a body.</summary>
    private static FaultySpec Net(
        string situation,
        string shape,
        string body,
        string dims = "B",
        string where = "",
        string more = "",
        string promise = "")
        => new(situation, Method("Forward", shape, body, more, promise)) { Dims = dims, Where = where };

    /// <summary>A loss of x and further inputs.</summary>
    private static FaultySpec Loss(string situation, string shape, string more, string body, string dims = "B")
        => new(situation, Method("Value", shape, body, more, "")) { Dims = dims, IsLoss = true };

    /// <summary>A network that gives what a linear map gives to one inside, whose input is marked.</summary>
    private static FaultySpec Marked(string mark, string operation, string id)
        => new($"a network inside asks for [{mark}] and gets what a linear map gives", "")
    {
        Whole = $$"""
            using Hybrid;
            namespace Net;
            [Network(Dims = "B")]
            public partial class Inner
            {
                [Spec] [return: Shape("B, 2")] internal static Sym Forward([Shape("B, 2"), {{mark}}] Sym x) => x.{{operation}}();
            }
            [Network(Dims = "B")]
            public partial class Example
            {
                [Spec] static Sym Forward([Shape("B, 4")] Sym x) => Layer.Of(Inner.Forward).{|{{id}}:On(x.Linear(2))|};
            }
            """,
    };

    private static string Method(string name, string shape, string body, string more, string promise)
        => $$"""
            [Spec]{{(promise.Length == 0 ? "" : $" [return: Shape(\"{promise}\")]")}} static Sym {{name}}([Shape("{{shape}}")] Sym x{{more}})
            {
                {{body}}
            }
            """;
}
