using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Generators.Model;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid.Generators.Evaluation;

internal sealed partial class SpecEvaluator
{
    private Meaning Call(CallExpression call)
    {
        if (call.Target is null) return CallOnType(call);
        var target = Evaluate(call.Target);
        if (target is ListMeaning list) return OnList(call, list);
        if (target is LayerMeaning layer) return call.Name == "On" ? On(call, layer) : NoOperation(call, target);
        if (target is not (TensorMeaning or UnknownMeaning)) return NoOperation(call, target);
        if (RuleTable.Find(call.Name) is not { } rule)
        {
            foreach (var argument in call.Arguments) Evaluate(argument.Value);
            return target is UnknownMeaning ? target : NoOperation(call, target);
        }
        var given = new List<CallArgument> { Given(null, target, call.Target.Id) };
        return Gather(call, rule, given, skip: 1) ? Apply(rule, given, call.Id) : Meaning.Unknown;
    }

    private Meaning NoOperation(CallExpression call, Meaning target) => target is TensorMeaning
        ? Refuse("HYB4004", call.Id, $"'{call.Name}' is not an operation of the language. {NearMisses.Advice(call.Name)}")
        : Refuse(
            "HYB4004", call.Id,
            $"'{call.Name}' is called on {Describe(target)}; in a spec, operations are called on tensors and On on layers.");

    private Meaning CallOnType(CallExpression call)
    {
        switch (call.Type)
        {
            case nameof(Init):
                return Initial(call);
            case nameof(System.Math):
                return OfNumbers(call);
            case nameof(Layer) when call.Name == "Of" && RuleTable.Find(call.Name) is { } network:
                return OfNetwork(call, network);
            case nameof(Layer) when call.TypeArguments.Count == 1 && RuleTable.Find(call.Name) is { } module:
                return OfModule(call, module);
            case nameof(Layer) when RuleTable.Find(call.Name) is { } rule:
                var arguments = new List<CallArgument>();
                return Gather(call, rule, arguments, skip: 0)
                    ? new LayerMeaning(_builder.Layer(rule, arguments, _sites.At(call.Id)))
                    : new LayerMeaning(null);
            case not null when RuleTable.Find(call.Name) is { } rule:
                var given = new List<CallArgument>();
                return Gather(call, rule, given, skip: 0) ? Apply(rule, given, call.Id) : Meaning.Unknown;
            default:
                foreach (var argument in call.Arguments) Evaluate(argument.Value);
                return Refuse(
                    "HYB4004", call.Id,
                    $"'{call.Type}.{call.Name}' is not an operation of the language. {NearMisses.Advice(call.Name)}");
        }
    }

    /// <summary><c>skips.Add(x)</c>: what a list of the framework does, while the spec is read.</summary>
    private Meaning OnList(CallExpression call, ListMeaning list)
    {
        var given = call.Arguments.Select(argument => Evaluate(argument.Value)).ToList();
        if (given.Exists(meaning => meaning is UnknownMeaning) && call.Name != "Add") return Meaning.Unknown;
        int? At(int argument) => given.Count > argument ? Integer(given[argument]) : null;
        switch (call.Name)
        {
            case "Add" when given.Count == 1:
                list.Items.Add(given[0]);
                return NoValue;
            case "Insert" when given.Count == 2 && At(0) is { } place && place >= 0 && place <= list.Items.Count:
                list.Items.Insert(place, given[1]);
                return NoValue;
            case "RemoveAt" when given.Count == 1 && At(0) is { } place && place >= 0 && place < list.Items.Count:
                list.Items.RemoveAt(place);
                return NoValue;
            case "Reverse" when given.Count == 0:
                list.Items.Reverse();
                return NoValue;
            default:
                return Refuse(
                    "HYB4004", call.Id,
                    $"'{call.Name}' is called on a list of {list.Items.Count}; in a spec, lists have Add, Insert, RemoveAt, Reverse, Count "
                        + "and indices in range.");
        }
    }

    // A call that gives nothing: C# has it stand as a statement only.
    private static readonly Meaning NoValue = Meaning.Unknown;

    /// <summary><c>Math.Max(a, b)</c> of numbers that are known when compiling.</summary>
    private Meaning OfNumbers(CallExpression call)
    {
        var given = call.Arguments.Select(argument => Evaluate(argument.Value)).ToList();
        if (given.Exists(meaning => meaning is UnknownMeaning)) return Meaning.Unknown;
        if (given.Exists(meaning => meaning is NumberMeaning or SizeMeaning) && given.TrueForAll(meaning => AsNumber(meaning) is not null)
            && CompileTime.GivesReal(call.Name, given.Exists(IsNumber)))
            return new NumberMeaning(new Quantity.Function(call.Name, given.Select(meaning => AsNumber(meaning)!).ToEquatable()));
        if (given.Find(meaning => meaning is not ConstantMeaning { Value: int or long or double }) is { } other)
        {
            return Refuse(
                "HYB4004", call.Id,
                $"Math.{call.Name} takes numbers that are known when compiling, {Describe(other)} is given."
                    + (other is TensorMeaning ? $" Operations on tensors are methods: x.{RuleTable.Nearest(call.Name)}." : ""));
        }
        return CompileTime.Math(call.Name, given.ConvertAll(meaning => ((ConstantMeaning)meaning).Value!)) is { } value
            ? new ConstantMeaning(value)
            : Refuse(
                "HYB4004", call.Id,
                $"Math.{call.Name} with {Plural.Of(given.Count, "argument")} is not part of the spec subset; it has "
                    + $"{CompileTime.Functions}.");
    }

    private Meaning Initial(CallExpression call)
    {
        var number = call.Arguments.Count == 1 ? Evaluate(call.Arguments[0].Value) : null;
        switch (number)
        {
            case UnknownMeaning:
                return number;
            case ConstantMeaning { Value: int or long or double } constant
                when Init.TryRead(call.Name, System.Convert.ToDouble(constant.Value), out var init):
                return new InitMeaning(init);
            default:
                return Refuse(
                    "HYB4004", call.Id,
                    $"Init.{call.Name} takes one compile-time number here; initialisations are {string.Join(", ", Init.Members.Keys)}.");
        }
    }

    private Meaning On(CallExpression call, LayerMeaning layer)
    {
        var tensors = new List<Value>();
        var isKnown = layer.Layer is not null;
        foreach (var argument in call.Arguments)
        {
            switch (Evaluate(argument.Value))
            {
                case TensorMeaning tensor:
                    tensors.Add(tensor.Tensor);
                    break;
                case UnknownMeaning:
                    isKnown = false;
                    break;
                case var other:
                    Report("HYB4004", argument.Value.Id, $"On takes tensors, {Describe(other)} is given.");
                    isKnown = false;
                    break;
            }
        }
        if (isKnown && layer.Layer!.Rule.Signature.TensorParameters is var takes
            && (tensors.Count > takes.Count() || tensors.Count < takes.Count(p => p.Kind == ParameterKind.Tensor)))
            return Refuse(
                "HYB4004", call.Id,
                $"{layer.Layer.Rule.Name}: On takes the tensors {string.Join(", ", takes.Select(p => p.Name))}; got {tensors.Count}.");
        return isKnown ? Results(_builder.Apply(layer.Layer!, tensors, _sites.At(call.Id)), layer.Layer!.Rule) : Meaning.Unknown;
    }

    /// <summary>Evaluates the arguments of an operation; false when one is unknown, and the operation with it.</summary>
    private bool Gather(CallExpression call, Rule rule, List<CallArgument> given, int skip)
    {
        var isKnown = true;
        var position = skip;
        foreach (var argument in call.Arguments)
        {
            var parameter = argument.Name is not null ? rule.Signature[argument.Name]
                : position < rule.Signature.Parameters.Count ? rule.Signature.Parameters[position]
                : null;
            position++;
            var meaning = Evaluate(argument.Value);
            if (meaning is UnknownMeaning) isKnown = false;
            else if (parameter is { Kind: ParameterKind.Shape } && meaning is ConstantMeaning { Value: string text })
            {
                if (Sizes(text, argument.Value.Id) is { } sizes)
                    given.Add(CallArgument.Of(new Argument.Sizes(sizes), _sites.At(argument.Value.Id), argument.Name));
                else isKnown = false;
            }
            else if (Constant(meaning) is null && meaning is not (TensorMeaning or ListMeaning))
            {
                Report("HYB4004", argument.Value.Id, $"{call.Name}: {Describe(meaning)} is not an argument of an operation.");
                isKnown = false;
            }
            else if (meaning is ListMeaning list && list.Items.Any(i => i is TensorMeaning))
            {
                foreach (var item in list.Items) given.Add(Given(argument.Name, item, argument.Value.Id));
            }
            else given.Add(Given(argument.Name, meaning, argument.Value.Id));
        }
        // A receiver that is unknown was known to be a tensor: its operation is skipped in silence.
        return isKnown && given.All(a => a.Tensor is not { IsUnknown: true });
    }

    private EquatableArray<Dim>? Sizes(string text, int place)
    {
        try
        {
            return _builder.ReadShape(text).ToEquatable();
        }
        catch (DimSyntaxException problem)
        {
            // A trace is given the text alone, so that a local of C# must be put into it.
            var local = _frame.Locals.FirstOrDefault(
                known => known.Value is ConstantMeaning { Value: int }
                    && problem.Message.StartsWith($"'{known.Key}' ", StringComparison.Ordinal)).Key;
            Report(
                "HYB4009", place,
                problem.Message + (local is null ? "." : $"; write it as {{{local}}} in an interpolated text, $\"…\"."));
            return null;
        }
    }

    private CallArgument Given(string? name, Meaning meaning, int place) => meaning switch
    {
        TensorMeaning tensor => CallArgument.Of(tensor.Tensor, _sites.At(place), name),
        UnknownMeaning => CallArgument.Of(_builder.Unknown(), _sites.At(place), name),
        _ => CallArgument.Of(Constant(meaning) ?? Argument.None, _sites.At(place), name),
    };

    /// <summary>A compile-time value as an argument, null when it is none.</summary>
    private static Argument? Constant(Meaning meaning) => meaning switch
    {
        ConstantMeaning { Value: null } => Argument.None,
        ConstantMeaning { Value: int value } => new Argument.Size(value),
        ConstantMeaning { Value: long value } => new Argument.Size(value),
        ConstantMeaning { Value: double value } => new Argument.Real(value),
        ConstantMeaning { Value: bool value } => new Argument.Flag(value),
        ConstantMeaning { Value: string value } => new Argument.Text(value),
        SizeMeaning size => size.Size.TryConstant(out var value) ? new Argument.Size(value) : new Argument.Size(size.Size),
        NumberMeaning number => new Argument.Varying(number.Number),
        InitMeaning init => new Argument.Initial(init.Init),
        ChoiceMeaning choice => new Argument.Choice(choice.Enum, choice.Member),
        TupleMeaning { Items: var items } when items.All(i => Integer(i) is not null) =>
            new Argument.Integers(items.Select(i => Integer(i)!.Value).ToEquatable()),
        ListMeaning { Items: var items } when items.TrueForAll(i => Integer(i) is not null) =>
            new Argument.Integers(items.Select(i => Integer(i)!.Value).ToEquatable()),
        _ => null,
    };

    private static int? Integer(Meaning meaning) => meaning is ConstantMeaning { Value: int value } ? value : null;

    private Meaning Apply(Rule rule, IReadOnlyList<CallArgument> arguments, int place)
    {
        var results = _builder.Apply(rule, arguments, _sites.At(place));
        // The graph is as large as it may be: nothing is gained by following the loop that fills it.
        if (results[0].IsUnknown && _builder.Faults.Count > 0 && _builder.Faults[_builder.Faults.Count - 1].Id == "HYB4007")
            _steps = MostSteps + 1;
        return Results(results, rule);
    }

    private static Meaning Results(IReadOnlyList<Value> values, Rule rule) => values.Count == 1
        ? Tensor(values[0])
        : new TupleMeaning(values.Select(Tensor).ToEquatable(), rule.ResultNames.ToEquatable());

    private static Meaning Tensor(Value value) => value.IsUnknown ? Meaning.Unknown : new TensorMeaning(value);

    private Meaning CallBlock(BlockCallExpression call)
    {
        var block = _blocks[call.Block];
        var frame = new Frame(block);
        var isBound = Bind(call, block, frame);
        if (!isBound) return Meaning.Unknown;
        if (_calls >= DeepestCalls)
            return Refuse(
                "HYB4007", call.Id,
                $"Block '{block.Name}' calls itself more than {DeepestCalls} deep. End the recursion with a compile-time condition.");

        var (caller, constants, deciding) = (_frame, _builder.Constants, _deciding);
        var site = _sites.Enter(_sites.At(call.Id));
        _calls++;
        _frame = frame;
        _deciding = null;
        _builder.Constants = Visible(constants, block);
        try
        {
            using (_builder.Block(block.Name)) Run(block.Body);
        }
        finally
        {
            (_frame, _builder.Constants, _deciding) = (caller, constants, deciding);
            _calls--;
            _sites.Leave(site);
        }
        return frame.Returned switch
        {
            null => Meaning.Unknown,
            TupleMeaning tuple when block.ReturnNames.Count == tuple.Items.Count => tuple with { Names = block.ReturnNames },
            var returned => returned,
        };
    }

    /// <summary>Gives a block's parameters their values; false when an argument does not fit, which the compiler reports.</summary>
    private bool Bind(BlockCallExpression call, MethodModel block, Frame frame)
    {
        var next = 0;
        foreach (var argument in call.Arguments)
        {
            var meaning = Evaluate(argument.Value);
            var parameter = argument.Name is { } name ? block.Parameters.FirstOrDefault(p => p.Name == name)
                : next < block.Parameters.Count ? block.Parameters[next++]
                : null;
            if (parameter is null)
            {
                Report(
                    "HYB4004", argument.Value.Id,
                    $"Block '{block.Name}' has no parameter for this argument; it has "
                        + $"{string.Join(", ", block.Parameters.Select(p => p.Name))}.");
                return false;
            }
            frame.Locals[parameter.Name] = Typed(parameter, meaning);
        }
        foreach (var parameter in block.Parameters)
        {
            if (frame.Locals.ContainsKey(parameter.Name)) continue;
            if (parameter.Default is null)
            {
                Report("HYB4004", call.Id, $"Block '{block.Name}' needs '{parameter.Name}'.");
                return false;
            }
            frame.Locals[parameter.Name] = Typed(parameter, Evaluate(parameter.Default));
        }
        return true;
    }

    /// <summary>An int given to a double parameter is a double inside: <c>p / 2</c> must not floor.</summary>
    private static Meaning Typed(ParameterModel parameter, Meaning meaning) => (parameter.Type, meaning) switch
    {
        ("double" or "float", ConstantMeaning { Value: int or long } number) => new ConstantMeaning(System.Convert.ToDouble(number.Value)),
        ("double" or "float", SizeMeaning size) => new NumberMeaning(new Quantity.Size(size.Size)),
        ("long", ConstantMeaning { Value: int number }) => new ConstantMeaning((long)number),
        _ => meaning,
    };
}
