using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hybrid.Generators.Model;
using Hybrid.Generators.Reading;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Generators.Evaluation;

/// <summary>One choice of a spec's [Param]s that decide its graph.</summary>
/// <param name="Name">The class of its network, inside that of the defaults: <c>WithDepth3</c>.</param>
/// <param name="Values">The parameters' values: a bool, or an int for an int and for an enum's member.</param>
internal sealed record SpecChoice(string Name, IReadOnlyDictionary<string, object> Values);

/// <summary>
/// The [Param]s of a spec that are choices: bools, enums, ints with Max. Each combination is a network of its own, read and proved by
/// itself; that of the defaults is the class, the others are classes inside it.
/// </summary>
internal static class SpecChoices
{
    /// <summary>More combinations than one spec may have: each is proved as one types.</summary>
    private const int MostCombinations = 64;

    private const string IdleValue = "HYB4001";

    public static bool IsChoice(ParameterModel parameter)
        => parameter.Attributes.FirstOrDefault(a => a.Name == "Param") is { } param
            && (parameter.Type == "bool" || parameter.Enum is not null || (parameter.Type == "int" && Number(param, "Max") is not null));

    /// <summary>A choice's default, as <see cref="SpecChoice.Values"/> has it; null where there is none, or it is not a choice.</summary>
    public static object? Default(ParameterModel parameter)
        => IsChoice(parameter) && parameter.Default is ConstantExpression { Value: var given } ? Plain(given) : null;

    /// <summary>The choices of a spec, in the order of its method's parameters.</summary>
    public static IReadOnlyList<ParameterModel> Of(SpecModel model) => [.. (model.Spec?.Parameters ?? []).Where(IsChoice)];

    /// <summary>What is wrong with the choices themselves, and where.</summary>
    public static IEnumerable<(int Place, string Text)> Problems(SpecModel model)
    {
        var combinations = 1L;
        foreach (var parameter in Of(model))
        {
            if (model.Kind == SpecKind.Loss)
            {
                yield return (
                    parameter.Id,
                    $"[Param] '{parameter.Name}' is a choice, which a loss does not have; write two losses, or make it a number.");
                yield break;
            }
            var values = ValuesOf(parameter);
            combinations = Math.Min(combinations * Math.Max(1, values.Count), int.MaxValue);
            if (values.Count == 0)
                yield return (parameter.Id, $"[Param] '{parameter.Name}' has no value to choose; Max must be at least Min.");
            else if (Default(parameter) is not { } chosen)
                yield return (
                    parameter.Id,
                    $"[Param] '{parameter.Name}' is a choice and needs a default, which the class itself stands for: "
                        + $"{parameter.Name} = {Written(parameter, values[0])}.");
            else if (!values.Contains(chosen))
                yield return (
                    parameter.Id,
                    $"[Param] '{parameter.Name}' is {Written(parameter, chosen)} by default, which is not among its values "
                        + $"{Written(parameter, values[0])} to {Written(parameter, values[values.Count - 1])}.");
        }
        if (combinations > MostCombinations)
            yield return (
                Of(model)[0].Id,
                $"The choices of '{model.Name}' make {combinations} networks, each of which is proved; at most {MostCombinations} are. "
                    + "Lower a Max, or make some of them const.");
    }

    /// <summary>Every combination but that of the defaults; none where the choices themselves are wrong.</summary>
    public static IReadOnlyList<SpecChoice> Others(SpecModel model)
    {
        var choices = Of(model);
        if (choices.Count == 0 || Problems(model).Any()) return [];
        IEnumerable<IReadOnlyList<object>> combinations = [[]];
        foreach (var parameter in choices)
            combinations = combinations.SelectMany(_ => ValuesOf(parameter), (before, value) => (IReadOnlyList<object>)[.. before, value]);
        return [.. combinations.Select(values => choices.Zip(values, (parameter, value) => (parameter, value)).ToList())
            .Where(pairs => pairs.Exists(pair => !pair.value.Equals(Default(pair.parameter))))
            .Select(pairs => new SpecChoice(
                "With" + string.Concat(pairs.Where(pair => !pair.value.Equals(Default(pair.parameter)))
                    .Select(pair => Capital(pair.parameter.Name) + Name(pair.parameter, pair.value))),
                pairs.ToDictionary(pair => pair.parameter.Name, pair => pair.value)))];
    }

    /// <summary>
    /// The faults of every combination: those of the defaults, and with its values those that another one adds. That a value is idle is
    /// said where it is in all of them.
    /// </summary>
    public static IEnumerable<(EvaluatedSpec Spec, IReadOnlyList<Fault> Faults)> Faults(
        SpecModel model,
        EvaluatedSpec ofDefaults,
        IReadOnlyList<Fault> faults,
        Func<EvaluatedSpec, IEnumerable<Fault>> ofPrograms,
        CancellationToken cancellation)
    {
        var others = Others(model);
        if (others.Count == 0)
        {
            yield return (ofDefaults, faults);
            yield break;
        }
        var evaluated = others.Select(choice => (choice, Spec: SpecEvaluator.Evaluate(model, cancellation, choice.Values))).ToList();
        int PlaceOf(EvaluatedSpec spec, Fault fault) => spec.Sites.PlaceOf(fault.Origin.IsKnown ? fault.Origin : Sites.Class);
        var idle = new HashSet<int>(faults.Where(fault => fault.Id == IdleValue).Select(fault => PlaceOf(ofDefaults, fault)));
        foreach (var (_, spec) in evaluated)
            idle.IntersectWith(spec.Faults.Where(fault => fault.Id == IdleValue).Select(fault => PlaceOf(spec, fault)));
        bool IsReal(EvaluatedSpec spec, Fault fault) => fault.Id != IdleValue || idle.Contains(PlaceOf(spec, fault));
        var said = new HashSet<(string Id, int Place)>();
        var first = faults.Where(fault => IsReal(ofDefaults, fault)).ToList();
        said.UnionWith(first.Select(fault => (fault.Id, PlaceOf(ofDefaults, fault))));
        yield return (ofDefaults, first);
        foreach (var (choice, spec) in evaluated)
        {
            var more = spec.Faults.Concat(ofPrograms(spec))
                .Where(fault => IsReal(spec, fault) && said.Add((fault.Id, PlaceOf(spec, fault))))
                // A repair for one of them may break the others.
                .Select(fault => fault with
                {
                    Text = $"{fault.Text.TrimEnd('.')} (where {Described(model, choice)}).",
                    Fix = null,
                    Edits = EquatableArray<Edit>.Empty,
                    KeepsPromise = true,
                })
                .ToList();
            if (more.Count > 0) yield return (spec, more);
        }
    }

    /// <summary><c>depth is 3, isNormalised is false</c></summary>
    private static string Described(SpecModel model, SpecChoice choice)
        => string.Join(", ", Of(model).Where(parameter => !choice.Values[parameter.Name].Equals(Default(parameter)))
            .Select(parameter => $"{parameter.Name} is {Written(parameter, choice.Values[parameter.Name])}"));

    /// <summary>The values of a choice, in order.</summary>
    private static IReadOnlyList<object> ValuesOf(ParameterModel parameter)
    {
        if (parameter.Type == "bool") return [false, true];
        if (parameter.Enum is { } named) return [.. named.Members.Select(member => Plain(member.Value)).OfType<object>().Distinct()];
        var param = parameter.Attributes.First(a => a.Name == "Param");
        var (least, most) = (Number(param, "Min") ?? 1, Number(param, "Max") ?? 0);
        return most - least is >= 0 and < 10_000 ? [.. Enumerable.Range(least, most - least + 1).Select(value => (object)value)] : [];
    }

    /// <summary>The choices for the program that makes them.</summary>
    public static IReadOnlyList<ChoiceParameter> Parameters(SpecModel model)
        => [.. Of(model).Select(parameter => new ChoiceParameter(
            parameter.Name,
            parameter.Enum?.FullName ?? parameter.Type,
            Expression(parameter, Default(parameter)!),
            ValuesOf(parameter).Select(value => Expression(parameter, value)).ToEquatable()))];

    /// <summary>The network of a choice for that program.</summary>
    public static ChosenNetwork Chosen(SpecModel model, SpecChoice choice)
        => new(
            choice.Name, Described(model, choice),
            Of(model).Select(parameter => Expression(parameter, choice.Values[parameter.Name])).ToEquatable());

    /// <summary>A value as C# writes it: <c>3</c>, <c>false</c>, <c>global::Activation.Gelu</c>.</summary>
    private static string Expression(ParameterModel parameter, object value)
        => parameter.Enum is { } named ? $"{named.FullName}.{Escaped(MemberOf(named, value))}" : Written(parameter, value);

    private static string Escaped(string name) => ClassReader.IsKeyword(name) ? "@" + name : name;

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    private static string Written(ParameterModel parameter, object value) => value switch
    {
        bool flag => CSharpText.Literal(flag),
        _ when parameter.Enum is { } named => MemberOf(named, value),
        _ => CompileTime.Text(value),
    };

    private static string Name(ParameterModel parameter, object value)
        => value is bool flag ? flag ? "True" : "False" : Written(parameter, value).Replace("-", "Minus").Replace("@", "");

    private static string MemberOf(EnumModel named, object value)
        => named.Members.First(member => value.Equals(Plain(member.Value))).Name;

    private static object? Plain(Constant constant) => constant.Value switch
    {
        bool flag => flag,
        int number => number,
        long number when number == (int)number => (int)number,
        _ => null,
    };

    private static int? Number(AttributeModel attribute, string name)
        => attribute.Arguments.FirstOrDefault(argument => argument.Name == name)?.Value is ConstantExpression { Value.Value: int number }
            ? number
            : null;
}
