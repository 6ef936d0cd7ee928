using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid.Generators.Evaluation;

/// <summary>Layers that are modules of their own: another network by its contract, a hand-written module by its promise.</summary>
internal sealed partial class SpecEvaluator
{
    /// <summary><c>Layer.Module&lt;Attention&gt;("B, T, D -> B, T, D", key: "att")</c></summary>
    private Meaning OfModule(CallExpression call, Rule rule)
        => Made(call, rule, [new Argument.Text(Plain(call.TypeArguments[0]))], call.Arguments);

    /// <summary><c>Layer.Of(Encoder.Forward, key: "encoder")</c></summary>
    private Meaning OfNetwork(CallExpression call, Rule rule)
    {
        var at = call.Arguments.ToList().FindIndex(argument => argument.Name is null or "network");
        if (at < 0 || Evaluate(call.Arguments[at].Value) is not { } given)
            return Refuse("HYB4004", call.Id, "Layer.Of takes the [Spec] method of a network, such as Layer.Of(Encoder.Forward).");
        if (given is UnknownMeaning) return new LayerMeaning(null);
        if (given is not NetworkMeaning { Network: var network })
            return Refuse(
                "HYB4004",
                call.Arguments[at].Value.Id,
                $"Layer.Of takes the [Spec] method of a network, such as Layer.Of(Encoder.Forward); {Describe(given)} is given.");
        if (Plain(network.FullName) == _model.FullName)
            return Refuse(
                "HYB4004",
                call.Arguments[at].Value.Id,
                $"'{_model.Name}' contains itself, which no network can; share its layers, or write the repeated part as a [Block].");
        if (network.Back is { } back)
            return Refuse(
                "HYB4004",
                call.Arguments[at].Value.Id,
                $"'{_model.Name}' contains itself, which no network can: {_model.Name} → {back}. Take one of these layers out, or "
                    + "write the "
                    + "repeated part as a [Block].");
        return (network.Contract ?? ContractOf(network, call.Arguments[at].Value.Id)) is { } contract
            ? Made(
                call, rule,
                [new Argument.Text(Plain(network.FullName)), new Argument.Text(contract)],
                call.Arguments.Where((_, i) => i != at))
            : new LayerMeaning(null);
    }

    private Meaning Made(CallExpression call, Rule rule, IReadOnlyList<Argument> known, IEnumerable<ArgumentModel> rest)
    {
        var given = known.Select(argument => CallArgument.Of(argument, _sites.At(call.Id))).ToList();
        var tensors = rule.Signature.TensorParameters.Count();
        return Gather(call with { Arguments = rest.ToEquatable() }, rule, given, skip: tensors + known.Count)
            ? new LayerMeaning(_builder.Layer(rule, given, _sites.At(call.Id)))
            : new LayerMeaning(null);
    }

    /// <summary>What the attributes of a network of this compilation promise; null when they cannot be read, which is reported.</summary>
    private string? ContractOf(NetworkReference network, int place)
    {
        var name = Plain(network.FullName);
        var spec = network.Spec!;
        var header = network.Attributes.Where(attribute => attribute.Name == "Network")
            .SelectMany(attribute => attribute.Arguments)
            .ToList();
        string Named(string argument) => header.FirstOrDefault(a => a.Name == argument) is { } found ? Literal(found.Value) ?? "" : "";
        var sizes = spec.Parameters.Where(p => IsParam(p) && !SpecChoices.IsChoice(p)).Select(Declared)
            .ToEquatable();
        var constants = network.Sizes.Concat(spec.Sizes)
            .GroupBy(size => size.Name)
            .Select(group => (group.Key, group.First().Value.Integer))
            .ToEquatable();
        var builder = new SpecHeader(name, GraphKind.Network, spec.Name, Named("Dims"), Named("Where"), constants, sizes).Open();

        var promise = spec.ReturnAttributes.FirstOrDefault(attribute => attribute.Name == "Shape");
        if (promise is null)
        {
            Report(
                "HYB4009", place,
                $"{name}.{spec.Name} has no [return: Shape(\"…\")], which Layer.Of needs to know what comes out. Add it there.");
            return null;
        }
        var inputs = spec.Parameters.Where(p => !IsParam(p))
            .Select(p => new ContractTensor(p.Name, Shape(p.Attributes.FirstOrDefault(a => a.Name == "Shape"), ElementOf(p), DomainOf(p))!))
            .ToList();
        var outputs = promise.Arguments.Select(
            a => new ContractTensor(null, builder.ReadShape(Literal(a.Value) ?? "", ElementType.Real, Domain.Any)!)).ToList();
        if (!builder.HasErrors && inputs.Concat(outputs).All(tensor => tensor.Shape is not null))
            return (Contract.Of(inputs, outputs, builder.Facts, sizes) with
        {
            Derives = ProgramWriter.Complete(ProgramStage.Derived(network.Attributes)).ToEquatable(),
            Method = spec.Name,
        }).ToString();
        Report(
            "HYB4009", place,
            $"The attributes of {name} cannot be read: "
                + $"{builder.Faults.FirstOrDefault()?.Message().TrimEnd('.') ?? "an input has no [Shape]"}. Correct them there.");
        return null;

        Shape? Shape(AttributeModel? attribute, ElementType element, Domain domain)
            => attribute is { Arguments.Count: 1 } && Literal(attribute.Arguments[0].Value) is { } text
                ? builder.ReadShape(text, element, domain)
                : null;
    }

    private static string? Literal(Expression expression) => expression is ConstantExpression { Value.Text: { } text } ? text : null;

    /// <summary>A type's name as the language writes it: <c>Zoo.Encoder</c>.</summary>
    private static string Plain(string name)
        => name.StartsWith("global::", StringComparison.Ordinal) ? name.Substring("global::".Length) : name;
}
