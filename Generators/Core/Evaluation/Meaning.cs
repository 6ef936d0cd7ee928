using System.Collections.Generic;
using Hybrid.Algebra;
using Hybrid.Generators.Model;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

/// <summary>What an expression of a spec stands for while it is read.</summary>
internal abstract record Meaning
{
    /// <summary>Nothing is known, and the reason was reported, by us or by the compiler: what depends on it stays silent.</summary>
    public static readonly Meaning Unknown = new UnknownMeaning();
}

internal sealed record UnknownMeaning : Meaning;

/// <summary>An int, long, double, bool, string or null that is known now.</summary>
internal sealed record ConstantMeaning(object? Value) : Meaning;

/// <summary>A size with a <c>[Param]</c> in it.</summary>
internal sealed record SizeMeaning(Dim Size) : Meaning;

/// <summary>A number that a [Param] decides when the network is made.</summary>
internal sealed record NumberMeaning(Quantity Number) : Meaning;

internal sealed record TensorMeaning(Value Tensor) : Meaning;

/// <summary>A layer value; null when its construction was refused.</summary>
internal sealed record LayerMeaning(SharedLayer? Layer) : Meaning;

/// <summary><c>Init.GlorotNormal</c>.</summary>
internal sealed record InitMeaning(Init Init) : Meaning;

/// <summary>A member of an enum of the language.</summary>
internal sealed record ChoiceMeaning(string Enum, string Member) : Meaning;

/// <summary>A tuple; element names are "" where there are none.</summary>
internal sealed record TupleMeaning(EquatableArray<Meaning> Items, EquatableArray<string> Names) : Meaning;

/// <summary>A list or array: one object, whatever locals stand for it, to which a spec may add.</summary>
internal sealed record ListMeaning(List<Meaning> Items) : Meaning;

internal sealed record NetworkMeaning(NetworkReference Network) : Meaning;
