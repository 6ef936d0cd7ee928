using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>A tensor that crosses a network's border.</summary>
public sealed record ContractTensor(string? Name, Shape Shape)
{
    /// <summary>
    /// Whether its elements are real numbers without bounds: of a result, that a linear map gives them; of an input, that the program makes
    /// probabilities of them itself.
    /// </summary>
    public bool AreLogits { get; init; }
}

/// <summary>
/// What a network promises, as one line of text that crosses assemblies:
/// <c>dims B, H, W; image [B, 3, H, W] -> [B, 1]; where H % 4 == 0, H >= 16; param hidden = 128; derives Functional, Ensemble</c>.
/// </summary>
public sealed record Contract(
    EquatableArray<ContractTensor> Inputs,
    EquatableArray<ContractTensor> Outputs,
    Facts Facts,
    EquatableArray<SpecParameter> Parameters)
{
    /// <summary>The programs there are besides the module: a network that contains this one can derive these.</summary>
    public EquatableArray<Variant> Derives { get; init; }

    /// <summary>The spec method, whose name the functional program has.</summary>
    public string Method { get; init; } = UsualMethod;

    private const string UsualMethod = "Forward";

    /// <summary>A graph's contract; which programs there are besides is not the graph's to say.</summary>
    public static Contract Of(Graph graph) => Of(
        graph.Inputs.Select(input => new ContractTensor(input.Name, input.Shape) { AreLogits = Logits.AreTaken(graph, input) }),
        graph.Results.Select(result => new ContractTensor(null, result.Shape) { AreLogits = Logits.AreGiven(graph, result) }),
        graph.Facts,
        graph.Parameters) with { Method = graph.Method };

    /// <summary>A contract from what a spec declares.</summary>
    public static Contract Of(
        IEnumerable<ContractTensor> inputs,
        IEnumerable<ContractTensor> outputs,
        Facts facts,
        EquatableArray<SpecParameter> parameters)
        => new(
        inputs.Select(input => input with { Shape = Plain(input.Shape) }).ToEquatable(),
        outputs.Select(output => output with { Shape = Plain(output.Shape) }).ToEquatable(),
        Facts.Over(
            facts.Symbols.Where(symbol => parameters.All(parameter => parameter.Name != symbol)),
            facts.Declared.Concat(facts.Inferred).Select(Written).ToArray()),
        parameters);

    /// <summary>The fact without names of constants, which a caller does not know.</summary>
    private static Comparison Written(Comparison fact)
    {
        var left = fact.Remainder is { } remainder ? $"{Side(remainder.Value)} % {Side(remainder.Modulus)}" : fact.Left.ToString();
        return fact with { Text = $"{left} {Comparison.Sign(fact.Relation)} {fact.Right}".Replace('·', '*') };

        static string Side(Dim dim) => dim.IsConstant || dim.AsSymbol is not null ? dim.ToString() : $"({dim})";
    }

    /// <summary>Roles of axes stay at home: a caller's axes have their own.</summary>
    private static Shape Plain(Shape shape) => shape with { Axes = shape.Axes.Select(axis => new Axis(axis.Size)).ToEquatable() };

    public override string ToString()
    {
        var text = $"dims {string.Join(", ", Facts.Symbols)}; {string.Join(", ", Inputs.Select(Write))} -> "
            + $"{string.Join(", ", Outputs.Select(Write))}";
        if (Facts.Declared.Count > 0) text += "; where " + string.Join(", ", Facts.Declared.Select(fact => fact.Text));
        foreach (var parameter in Parameters)
            text += $"; param {parameter.Name}{(parameter.IsReal ? " Real" : "")}"
                + (parameter.RealDefault is { } real ? $" = {real.ToString("R", CultureInfo.InvariantCulture)}"
                    : parameter.Default is { } value ? $" = {value}" : "");
        if (Method != UsualMethod) text += $"; method {Method}";
        return text + DerivesSection(Derives);
    }

    /// <summary>What a contract says of its network's programs: the text's last section.</summary>
    public static string DerivesSection(IReadOnlyCollection<Variant> variants)
        => variants.Count == 0 ? "" : $"; derives {string.Join(", ", variants)}";

    private static string Write(ContractTensor tensor)
    {
        var sizes = string.Join(", ", tensor.Shape.Sizes.Select(size => size.ToString().Replace('·', '*')));
        var text = $"{(tensor.Name is null ? "" : tensor.Name + " ")}[{sizes}]";
        if (tensor.Shape.Element != ElementType.Real) text += " " + tensor.Shape.Element;
        if (tensor.Shape.Domain != Domain.Any) text += " " + tensor.Shape.Domain;
        if (tensor.AreLogits) text += " " + nameof(Logits);
        return text;
    }

    /// <summary>Reads what <see cref="ToString"/> writes; the problem says what is wrong with it.</summary>
    public static bool TryParse(string text, out Contract contract, out string problem)
    {
        try
        {
            (contract, problem) = (Parse(text), "");
            return true;
        }
        catch (DimSyntaxException exception)
        {
            (contract, problem) = (null!, exception.Message);
            return false;
        }
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <exception cref="DimSyntaxException">The text is not a contract; the message says where.</exception>
    public static Contract Parse(string text)
    {
        var sections = text.Split(';').Select(section => section.Trim()).ToList();
        if (sections.Count < 2 || !sections[0].StartsWith("dims", StringComparison.Ordinal))
            throw new DimSyntaxException($"'{text}': a contract starts with 'dims …; inputs -> outputs'");
        var symbols = sections[0].Substring(4).Split(',').Select(symbol => symbol.Trim()).Where(symbol => symbol.Length > 0).ToList();
        var parameters = sections.Where(section => section.StartsWith("param ", StringComparison.Ordinal))
            .Select(section => ReadParameter(section.Substring(6)))
            .ToEquatable();
        Dim? Resolve(string name)
            => symbols.Contains(name) || parameters.Any(parameter => parameter.Name == name && !parameter.IsReal) ? Dim.Symbol(name) : null;
        var arrow = sections[1].IndexOf("->", StringComparison.Ordinal);
        if (arrow < 0) throw new DimSyntaxException($"'{sections[1]}': expected 'inputs -> outputs'");
        var where = sections.FirstOrDefault(section => section.StartsWith("where ", StringComparison.Ordinal));
        var facts = Facts.Over(symbols, where is null ? [] : DimParser.ParseFacts(where.Substring(6), Resolve).ToArray());
        return new Contract(
            ReadTensors(sections[1].Substring(0, arrow), Resolve),
            ReadTensors(sections[1].Substring(arrow + 2), Resolve),
            facts, parameters)
        {
            Derives = (Section("derives ") is { } derived ? derived.Split(',').Select(ReadVariant) : []).ToEquatable(),
            Method = Section("method ")?.Trim() ?? UsualMethod,
        };

        string? Section(string start)
            => sections.FirstOrDefault(section => section.StartsWith(start, StringComparison.Ordinal))?.Substring(start.Length);
    }

    private static Variant ReadVariant(string text)
        => Enum.TryParse<Variant>(text.Trim(), out var variant)
            ? variant
            : throw new DimSyntaxException($"'{text.Trim()}' is not a program of this version");

    private static SpecParameter ReadParameter(string text)
    {
        var equals = text.IndexOf('=');
        var name = (equals < 0 ? text : text.Substring(0, equals)).Trim();
        var given = equals < 0 ? null : text.Substring(equals + 1).Trim();
        var isReal = name.EndsWith(" Real", StringComparison.Ordinal);
        if (isReal) name = name.Substring(0, name.Length - " Real".Length);
        if (given is null) return new SpecParameter(name, null) { IsReal = isReal };
        if (isReal && double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            return new SpecParameter(name, null) { IsReal = true, RealDefault = real };
        return !isReal && long.TryParse(given, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? new SpecParameter(name, value)
            : throw new DimSyntaxException($"'param {text}': expected a number after '='");
    }

    private static EquatableArray<ContractTensor> ReadTensors(string text, DimNames names)
    {
        var tensors = new List<ContractTensor>();
        while ((text = text.Trim().TrimStart(',').Trim()).Length > 0)
        {
            int open = text.IndexOf('['), close = text.IndexOf(']');
            if (open < 0 || close < open) throw new DimSyntaxException($"'{text}': expected a shape in brackets");
            var name = text.Substring(0, open).Trim();
            var shape = new Shape(
                DimParser.ParseShape(text.Substring(open + 1, close - open - 1), names).Select(size => new Axis(size)).ToEquatable());
            var next = text.IndexOf(',', close);
            var words = text.Substring(close + 1, (next < 0 ? text.Length : next) - close - 1).Split(' ');
            var areLogits = false;
            foreach (var word in words.Where(word => word.Length > 0))
            {
                if (word == nameof(Logits)) areLogits = true;
                else if (Enum.TryParse(word, out ElementType element)) shape = shape with { Element = element };
                else if (Enum.TryParse(word, out Domain domain)) shape = shape with { Domain = domain };
                else throw new DimSyntaxException($"'{word}' is neither an element type nor a domain");
            }
            tensors.Add(new ContractTensor(name.Length == 0 ? null : name, shape) { AreLogits = areLogits });
            text = next < 0 ? "" : text.Substring(next);
        }
        return tensors.ToEquatable();
    }
}
