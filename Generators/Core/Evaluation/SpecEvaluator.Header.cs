using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

internal sealed partial class SpecEvaluator
{
    /// <summary>The builder with the spec's symbols, facts, constants and [Param] sizes.</summary>
    private GraphBuilder Open()
    {
        var (dims, dimsPlace) = Text("Dims");
        var (where, wherePlace) = Text("Where");
        var (training, trainingPlace) = Text("Training");
        var constants = _model.Sizes.Concat(_model.Spec?.Sizes ?? EquatableArray<NamedConstant>.Empty)
            .GroupBy(s => s.Name)
            .Select(g => (g.Key, g.First().Value.Integer))
            // A [Param] that was given its value is a constant, which facts may name.
            .Concat(_fixed.Where(given => given.Value is int).Select(given => (given.Key, (long)(int)given.Value)));
        var sizes = (_model.Spec?.Parameters ?? EquatableArray<ParameterModel>.Empty)
            .Where(p => IsParam(p) && !SpecChoices.IsChoice(p) && !_fixed.ContainsKey(p.Name))
            .Select(Declared);
        var builder = new SpecHeader(
            _model.FullName, _model.Kind == SpecKind.Loss ? GraphKind.Loss : GraphKind.Network, _model.Spec?.Name ?? "", dims, where,
            constants.ToEquatable(), sizes.ToEquatable()) { Training = training }
            .Open(_sites.At(dimsPlace), _sites.At(wherePlace), _sites.At(trainingPlace));
        var kind = _model.Kind.ToString();
        if (_model.Spec is null)
            builder.Report(Unreadable(
                _model.Id,
                $"{kind} '{_model.Name}' has no [Spec] method. "
                    + "Add one: [Spec] static Sym Forward([Shape(\"B, 10\")] Sym x) => x.Linear(1);"));
        foreach (var other in _model.OtherSpecs)
            builder.Report(Unreadable(
                other,
                $"{kind} '{_model.Name}' has another [Spec] method, '{_model.Spec!.Name}'; a class has one. "
                    + "Mark pieces of a spec [Block]."));
        return builder;
    }

    /// <summary>A [Param] that stays open, as the generated constructor takes it.</summary>
    private static SpecParameter Declared(ParameterModel parameter)
    {
        var given = (parameter.Default as ConstantExpression)?.Value;
        return parameter.Type == "double"
            ? new SpecParameter(parameter.Name, null)
            {
                IsReal = true, RealDefault = given is { Value: int or long or double } number ? Convert.ToDouble(number.Value) : null,
            }
            : new SpecParameter(parameter.Name, given is { Value: int or long } size ? size.Integer : null);
    }

    /// <summary>Gives the spec method's parameters their meaning: inputs and sizes.</summary>
    private void Declare(MethodModel spec)
    {
        if (_model.Attributes.FirstOrDefault(
            a => a.Name == "Loss" && _model.Kind == SpecKind.Network || a.Name == "Network" && _model.Kind == SpecKind.Loss) is { } other)
            _builder.Report(Unreadable(other.Id, $"'{_model.Name}' is marked [Network] and [Loss]; a class is one of them. Remove one."));
        if (spec.Problem is { } problem) _builder.Report(Unreadable(spec.Id, problem + "."));
        if (spec.Parameters.All(IsParam))
        {
            _builder.Report(Unreadable(
                spec.Id, $"'{spec.Name}' takes no tensors; a {_model.Kind.ToString().ToLowerInvariant()} computes from its inputs. "
                    + "Give it one: "
                    + "[Shape(\"B, 10\")] Sym x."));
        }
        foreach (var (place, text) in SpecChoices.Problems(_model)) _builder.Report(Unreadable(place, text));
        var isDrawn = ProgramStage.Derived(_model.Attributes).Contains(Variant.Flipout);
        foreach (var size in spec.Parameters.Where(
            parameter => IsParam(parameter)
                && (parameter.Name is "device" or "dtype" || (isDrawn && parameter.Name is "layers" or "initialSigma"))))
            _builder.Report(Unreadable(size.Id, $"[Param] '{size.Name}' has the name of another parameter of generated constructors. "
                + "Rename it."));
        // Sizes first: the shape of an input may name one that stands after it.
        foreach (var parameter in spec.Parameters.OrderBy(parameter => !IsParam(parameter)))
            _frame.Locals[parameter.Name] = IsParam(parameter) ? Param(parameter) : Input(parameter);
    }

    private Meaning Param(ParameterModel parameter)
    {
        if ((_fixed.TryGetValue(parameter.Name, out var given) ? given : SpecChoices.Default(parameter)) is { } value)
        {
            if (value is int size && parameter.Enum is null) _builder.Fix(parameter.Name, size);
            return new ConstantMeaning(parameter.Type == "double" ? Convert.ToDouble(value) : value);
        }
        if (SpecChoices.IsChoice(parameter)) return Meaning.Unknown;
        if (parameter.Type == "double") return new NumberMeaning(new Quantity.Parameter(parameter.Name));
        if (parameter.Type != "int")
        {
            _builder.Report(Unreadable(
                parameter.Id,
                $"[Param] '{parameter.Name}' is of type {parameter.Type}; a [Param] is a size (int), a number (double), or a choice "
                    + "(bool, an enum, int with Max)."));
        }
        return new SizeMeaning(Algebra.Dim.Symbol(parameter.Name));
    }

    private Meaning Input(ParameterModel parameter)
    {
        if (parameter.Type is not ("Sym" or "Hybrid.Sym" or "global::Hybrid.Sym"))
        {
            _builder.Report(Unreadable(
                parameter.Id,
                $"'{parameter.Name}' is of type {parameter.Type}; a spec takes tensors, [Shape(\"B, 10\")] Sym {parameter.Name}, and "
                    + $"sizes, [Param] int {parameter.Name}."));
            return Meaning.Unknown;
        }
        if (parameter.Attributes.FirstOrDefault(a => a.Name == "Shape") is not { Arguments.Count: 1 } shape)
        {
            _builder.Report(
                Unreadable(parameter.Id, $"Input '{parameter.Name}' has no shape. Write [Shape(\"B, 10\")] Sym {parameter.Name}."));
            return Meaning.Unknown;
        }
        return Read(shape.Arguments[0].Value, ElementOf(parameter), DomainOf(parameter)) is { } read
            ? new TensorMeaning(_builder.Input(parameter.Name, read, _sites.At(parameter.Id)))
            : Meaning.Unknown;
    }

    private static ElementType ElementOf(ParameterModel parameter)
        => parameter.Attributes.Any(a => a.Name == "Int64") ? ElementType.Int64
            : parameter.Attributes.Any(a => a.Name == "Bool") ? ElementType.Bool
            : ElementType.Real;

    private static Domain DomainOf(ParameterModel parameter)
        => parameter.Attributes.Any(a => a.Name == "Positive") ? Domain.Positive
            : parameter.Attributes.Any(a => a.Name == "Probability") ? Domain.Probability
            : Domain.Any;

    /// <summary>The shapes of <c>[return: Shape]</c>; none when there are none, or one cannot be read, which is reported.</summary>
    private IReadOnlyList<Shape> Promised(MethodModel spec)
    {
        if (spec.ReturnAttributes.FirstOrDefault(a => a.Name == "Shape") is not { } promise) return Array.Empty<Shape>();
        var shapes = promise.Arguments.Select(a => Read(a.Value, ElementType.Real, Domain.Any)).ToList();
        return shapes.All(s => s is not null) ? shapes.Select(s => s!).ToList() : Array.Empty<Shape>();
    }

    private Shape? Read(Expression expression, ElementType element, Domain domain)
    {
        switch (Evaluate(expression))
        {
            case ConstantMeaning { Value: string text }:
                return _builder.ReadShape(text, element, domain, _sites.At(expression.Id));
            case UnknownMeaning:
                return null;
            case var other:
                _builder.Report(Unreadable(expression.Id, $"A shape is a string, such as \"B, 3, H, W\", not {Describe(other)}."));
                return null;
        }
    }

    private static bool IsParam(ParameterModel parameter) => parameter.Attributes.Any(a => a.Name == "Param");

    private (string Text, int Place) Text(string name)
    {
        foreach (var attribute in _model.Attributes.Where(a => a.Name is "Network" or "Loss"))
            foreach (var argument in attribute.Arguments.Where(a => a.Name == name))
                return (argument.Value is ConstantExpression { Value.Text: { } text } ? text : "", argument.Value.Id);
        return ("", _model.Id);
    }

    /// <summary>[Budget(Parameters = …)], where the network exceeds it.</summary>
    private Fault? OverBudget(Graph graph)
    {
        var budget = _model.Attributes.Where(a => a.Name == "Budget")
            .SelectMany(a => a.Arguments)
            .FirstOrDefault(a => a.Name == "Parameters");
        return budget is not null && Evaluate(budget.Value) is ConstantMeaning { Value: int or long } most
            ? Programs.Budget.Check(graph, Convert.ToInt64(most.Value), _sites.At(budget.Value.Id))
            : null;
    }

    private Fault Unreadable(int place, string text) => new("HYB4009", text, _sites.At(place));
}
