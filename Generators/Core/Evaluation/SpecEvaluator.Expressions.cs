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
    /// <summary>What is being decided, for the message of something that is not constant: a loop bound, a condition, or null.</summary>
    private string? _deciding;

    private Meaning Evaluate(Expression expression)
    {
        if (!Step()) return Meaning.Unknown;
        switch (expression)
        {
            case ConstantExpression constant:
                return new ConstantMeaning(constant.Value.Value);
            case NameExpression name:
                return _frame.Locals.TryGetValue(name.Name, out var local) ? local : NotKnown(name);
            case StaticMemberExpression member:
                return StaticMember(member);
            case UnaryExpression unary:
                return Unary(unary);
            case BinaryExpression { Operator: "&&" or "||" } logic:
                return Logic(logic);
            case BinaryExpression binary:
                return Binary(binary);
            case ConditionalExpression conditional:
                return Condition(conditional.Condition, "Condition") is { } taken
                    ? Evaluate(taken ? conditional.WhenTrue : conditional.WhenFalse)
                    : Meaning.Unknown;
            case CastExpression cast:
                return Cast(cast);
            case TupleExpression tuple:
                return new TupleMeaning(tuple.Items.Select(Evaluate).ToEquatable(), EquatableArray<string>.Empty);
            case ListExpression list:
                return new ListMeaning(list.Items.Select(Evaluate).ToList());
            case InterpolatedExpression interpolated:
                return Interpolated(interpolated);
            case MemberExpression member:
                return Member(member);
            case IndexExpression index:
                return Index(index);
            case RangeExpression range:
                return Refuse("HYB4004", range.Id, "A range stands in the brackets of a tensor: x[.., 1..3].");
            case CallExpression call:
                return Call(call);
            case BlockCallExpression call:
                return CallBlock(call);
            case NetworkExpression network:
                return new NetworkMeaning(network.Network);
            case UnsupportedExpression { Reason: UnsupportedReason.NotConstant } unsupported:
                return Refuse("HYB4005", unsupported.Id, _deciding is { } what
                    ? $"{what} '{unsupported.Text}' is not a compile-time constant; make it a const, or build the network by tracing."
                    : $"'{unsupported.Text}' is not a compile-time constant; make it a const, or a [Param] of the spec method.");
            case UnsupportedExpression unsupported:
                return Refuse("HYB4004", unsupported.Id, Explain(unsupported.Text, unsupported.Reason));
            case BrokenExpression:
                _isBroken = true;
                return Meaning.Unknown;
            default:
                throw new InvalidOperationException($"no meaning is given to {expression.GetType().Name}");
        }
    }

    /// <summary>A name without a value: the compiler reports what is undeclared or unassigned, and generated code waits for it.</summary>
    private Meaning NotKnown(NameExpression name)
        => Refuse("HYB4004", name.Id, $"'{name.Name}' has no value here; declare it in the spec before it is used.");

    /// <summary>True or false when the condition is known; null when it is not, which is reported here or was before.</summary>
    private bool? Condition(Expression condition, string what)
    {
        var before = _deciding;
        _deciding = what;
        var meaning = Evaluate(condition);
        _deciding = before;
        switch (meaning)
        {
            case ConstantMeaning { Value: bool value }:
                return value;
            case UnknownMeaning:
                return null;
            case TensorMeaning:
                Report(
                    "HYB4004", condition.Id,
                    $"{what} is a tensor, which has no values while the spec is read; branch on compile-time conditions, or select with "
                        + "tensor operations.");
                return null;
            default:
                Report("HYB4004", condition.Id, $"{what} is {Describe(meaning)}; it must be true or false.");
                return null;
        }
    }

    private Meaning Logic(BinaryExpression logic)
    {
        var left = Evaluate(logic.Left);
        if (left is ConstantMeaning { Value: bool known } && known == (logic.Operator == "||")) return left;
        var right = Evaluate(logic.Right);
        return Combine(logic, left, right);
    }

    private Meaning Binary(BinaryExpression binary) => Combine(binary, Evaluate(binary.Left), Evaluate(binary.Right));

    private Meaning Combine(BinaryExpression binary, Meaning left, Meaning right)
    {
        if (left is TensorMeaning || right is TensorMeaning) return OnTensors(binary, left, right);
        if (left is UnknownMeaning || right is UnknownMeaning) return Meaning.Unknown;
        if ((IsNumber(left) || IsNumber(right)) && !(left is ConstantMeaning && right is ConstantMeaning))
            return OnNumbers(binary, left, right);
        if (left is SizeMeaning || right is SizeMeaning) return OnSizes(binary, left, right);
        if (left is ConstantMeaning a && right is ConstantMeaning b)
        {
            if (CompileTime.Binary(binary.Operator, a.Value, b.Value, out var problem) is { } value) return new ConstantMeaning(value);
            if (problem is not null) return Refuse("HYB4004", binary.Id, problem + ". Change the constants of the expression.");
        }
        return Refuse(
            "HYB4004", binary.Id,
            $"'{binary.Operator}' combines {Describe(left)} and {Describe(right)}; a spec computes with ints, doubles, bools and tensors.");
    }

    private Meaning OnTensors(BinaryExpression binary, Meaning left, Meaning right)
    {
        if (RuleTable.Find(binary.Operator) is not { } rule)
        {
            return Refuse(
                "HYB4004", binary.Id,
                $"'{binary.Operator}' is not an operation on tensors; a spec has + - * /, < <= > >= and the named operations.");
        }
        if (left is UnknownMeaning || right is UnknownMeaning) return Meaning.Unknown;
        return Apply(rule, new[] { Given(null, left, binary.Left.Id), Given(null, right, binary.Right.Id) }, binary.Id);
    }

    private Meaning OnSizes(BinaryExpression binary, Meaning left, Meaning right)
    {
        if (binary.Operator is "==" or "!=" or "<" or "<=" or ">" or ">=" && AsSize(left) is not null && AsSize(right) is not null)
        {
            var parameter = (left as SizeMeaning ?? (SizeMeaning)right).Size;
            return Refuse(
                "HYB4005", binary.Id,
                $"{_deciding ?? "Condition"} '{parameter}' is a [Param], known only when the network is constructed; make it a const, give "
                    + "it a largest value ([Param(Max = 8)]), or build the network by tracing.");
        }
        if (AsSize(left) is { } a && AsSize(right) is { } b)
        {
            try
            {
                switch (binary.Operator)
                {
                    case "+": return new SizeMeaning(a + b);
                    case "-": return new SizeMeaning(a - b);
                    case "*": return new SizeMeaning(a * b);
                    case "/" or "%" when b.TryConstant(out var divisor) && divisor <= 0:
                        return Refuse(
                            "HYB4004", binary.Id, $"'{a} {binary.Operator} {b}' divides a size by {divisor}. Divide by a positive int.");
                    case "/": return new SizeMeaning(a.FloorDiv(b));
                    case "%": return new SizeMeaning(a.Mod(b));
                    case "<<" when b.TryConstant(out var bits) && bits is >= 0 and < 31: return new SizeMeaning(a * (1L << (int)bits));
                    case ">>" when b.TryConstant(out var bits) && bits is >= 0 and < 31:
                        return new SizeMeaning(a.FloorDiv(1L << (int)bits));
                }
            }
            catch (OverflowException)
            {
                return Refuse("HYB4004", binary.Id, $"'{a} {binary.Operator} {b}' exceeds 2^63. Use smaller sizes.");
            }
        }
        return Refuse(
            "HYB4004", binary.Id,
            $"'{binary.Operator}' combines {Describe(left)} and {Describe(right)}; a [Param] size is computed with + - * / % << >> and "
                + "ints.");
    }

    /// <summary>Whether arithmetic with it is a double's that a [Param] decides: of one, or of a size beside a double.</summary>
    private static bool IsNumber(Meaning meaning) => meaning is NumberMeaning or ConstantMeaning { Value: double };

    private Meaning OnNumbers(BinaryExpression binary, Meaning left, Meaning right)
    {
        if (AsNumber(left) is { } first && AsNumber(right) is { } second)
        {
            if (binary.Operator is "+" or "-" or "*" or "/") return new NumberMeaning(new Quantity.Pair(first, binary.Operator, second));
            if (binary.Operator is "==" or "!=" or "<" or "<=" or ">" or ">=")
            {
                return Refuse(
                    "HYB4005", binary.Id,
                    $"{_deciding ?? "Condition"} '{first} {binary.Operator} {second}' compares a [Param], known only when the network is "
                        + "constructed; make it a const, a bool [Param], or an int one with Max.");
            }
        }
        return Refuse(
            "HYB4004", binary.Id,
            $"'{binary.Operator}' combines {Describe(left)} and {Describe(right)}; a [Param] number is computed with + - * / and Math's "
                + "functions.");
    }

    private static Quantity? AsNumber(Meaning meaning) => meaning switch
    {
        NumberMeaning number => number.Number,
        SizeMeaning size => new Quantity.Size(size.Size),
        ConstantMeaning { Value: int or long or double } constant => new Quantity.Number(Convert.ToDouble(constant.Value)),
        _ => null,
    };

    private static Dim? AsSize(Meaning meaning) => meaning switch
    {
        SizeMeaning size => size.Size,
        ConstantMeaning { Value: int value } => Dim.Constant(value),
        ConstantMeaning { Value: long value } => Dim.Constant(value),
        _ => null,
    };

    private Meaning Unary(UnaryExpression unary)
    {
        var operand = Evaluate(unary.Operand);
        switch (operand)
        {
            case UnknownMeaning:
                return operand;
            case TensorMeaning when unary.Operator == "-" && RuleTable.Find("Neg") is { } negation:
                return Apply(negation, new[] { Given(null, operand, unary.Operand.Id) }, unary.Id);
            case TensorMeaning when unary.Operator == "!" && RuleTable.Find("Not") is { } opposite:
                return Apply(opposite, new[] { Given(null, operand, unary.Operand.Id) }, unary.Id);
            case TensorMeaning when unary.Operator == "+":
                return operand;
            case SizeMeaning size when unary.Operator == "-":
                return new SizeMeaning(-size.Size);
            case NumberMeaning number when unary.Operator == "-":
                return new NumberMeaning(new Quantity.Negative(number.Number));
            case NumberMeaning or SizeMeaning when unary.Operator == "+":
                return operand;
            case ConstantMeaning constant when CompileTime.Unary(unary.Operator, constant.Value) is { } value:
                return new ConstantMeaning(value);
            default:
                return Refuse(
                    "HYB4004", unary.Id, $"'{unary.Operator}' is applied to {Describe(operand)}, which has no such operator in a spec.");
        }
    }

    private Meaning Cast(CastExpression cast)
    {
        var operand = Evaluate(cast.Operand);
        if (operand is UnknownMeaning || (operand is SizeMeaning && cast.Type is "int" or "long")) return operand;
        if (operand is SizeMeaning or NumberMeaning && cast.Type == "double") return new NumberMeaning(AsNumber(operand)!);
        return operand is ConstantMeaning constant && CompileTime.Cast(cast.Type, constant.Value) is { } value
            ? new ConstantMeaning(value)
            : Refuse("HYB4004", cast.Id, $"{Describe(operand)} does not fit in {cast.Type}. Cast compile-time numbers only.");
    }

    private Meaning Interpolated(InterpolatedExpression interpolated)
    {
        var text = "";
        foreach (var part in interpolated.Parts)
        {
            switch (Evaluate(part))
            {
                case ConstantMeaning constant:
                    text += CompileTime.Text(constant.Value);
                    break;
                case UnknownMeaning:
                    return Meaning.Unknown;
                case var other:
                    return Refuse(
                        "HYB4004", part.Id, $"{Describe(other)} has no text while the spec is read; interpolate compile-time values.");
            }
        }
        return new ConstantMeaning(text);
    }

    private Meaning StaticMember(StaticMemberExpression member)
    {
        if (member.Type != nameof(Init)) return new ChoiceMeaning(member.Type, member.Member);
        return Init.TryRead(member.Member, null, out var init)
            ? new InitMeaning(init)
            : Refuse(
                "HYB4004", member.Id,
                $"Init.{member.Member} is not an initialisation that a spec can name; it has {string.Join(", ", Init.Members.Keys)}.");
    }

    private Meaning Member(MemberExpression member)
    {
        var target = Evaluate(member.Target);
        switch (target)
        {
            case UnknownMeaning:
                return target;
            case TupleMeaning tuple:
                for (var i = 0; i < tuple.Items.Count; i++)
                    if (member.Name == $"Item{i + 1}" || (i < tuple.Names.Count && tuple.Names[i] == member.Name)) return tuple.Items[i];
                break;
            case ListMeaning list when member.Name is "Length" or "Count":
                return new ConstantMeaning(list.Items.Count);
        }
        return Refuse("HYB4004", member.Id, $"{Describe(target)} has no member '{member.Name}' in a spec.");
    }

    private Meaning Index(IndexExpression index)
    {
        var target = Evaluate(index.Target);
        var places = new List<IndexPlace>();
        var isKnown = target is not UnknownMeaning;
        foreach (var expression in index.Indices)
        {
            if (expression is RangeExpression range)
            {
                var start = range.Start is null ? Bound.Front : BoundOf(range.Start, isOfRange: true);
                var end = range.End is null ? Bound.End : BoundOf(range.End, isOfRange: true);
                if (start is { } first && end is { } last) places.Add(new IndexPlace(first, last, _sites.At(range.Id)));
                else isKnown = false;
            }
            else if (BoundOf(expression, isOfRange: false) is { } bound)
                places.Add(new IndexPlace(bound, null, _sites.At(expression.Id)));
            else isKnown = false;
        }
        if (!isKnown) return Meaning.Unknown;
        if (target is TensorMeaning tensor) return Tensor(Indexing.Of(_builder, tensor.Tensor, places, _sites.At(index.Id)));
        if (places.Count == 1
            && places[0] is { End: null, Start: var at }
            && ((target as ListMeaning)?.Items ?? (target as TupleMeaning)?.Items.ToList()) is { } items)
        {
            // C# counts a list from its end with ^1 alone.
            var isWritten = index.Indices[0] is UnaryExpression { Operator: "^" };
            var position = !at.IsFromEnd ? at.Number : isWritten ? items.Count - at.Number : -at.Number;
            return position >= 0 && position < items.Count
                ? items[position]
                : Refuse("HYB4004", index.Id, $"Index {position} is out of range ({Plural.Of(items.Count, "element")}).");
        }
        return Refuse("HYB4004", index.Id, $"{Describe(target)} is indexed; in a spec, lists are indexed with a compile-time int.");
    }

    /// <summary>A number in brackets; null where it is not one, which is reported here or was before.</summary>
    private Bound? BoundOf(Expression expression, bool isOfRange)
    {
        var isFromEnd = expression is UnaryExpression { Operator: "^" };
        switch (Evaluate(expression is UnaryExpression { Operator: "^" } written ? written.Operand : expression))
        {
            case UnknownMeaning:
                return null;
            case ConstantMeaning { Value: int number } when number >= 0:
                return new Bound(number, isFromEnd);
            case ConstantMeaning { Value: int number } when !isOfRange && !isFromEnd:
                return Bound.Of(number);
            case ConstantMeaning { Value: int number }:
                Report("HYB4004", expression.Id, $"A range counts from the end with ^{-(long)number}, not with {number}.");
                return null;
            case SizeMeaning size:
                Report(
                    "HYB4004", expression.Id,
                    $"An index is a compile-time int, {Describe(size)} is given. Name sizes in strings: .Range(0, \"0\", "
                        + $"\"{size.Size}\").");
                return null;
            case var other:
                Report("HYB4004", expression.Id, $"An index is a compile-time int, {Describe(other)} is given.");
                return null;
        }
    }

    /// <summary>What something is, in a message.</summary>
    private static string Describe(Meaning meaning) => meaning switch
    {
        TensorMeaning => "a tensor",
        LayerMeaning => "a layer",
        SizeMeaning size => $"the size {size.Size}",
        NumberMeaning number => $"the number {number.Number}",
        TupleMeaning tuple => $"a tuple of {tuple.Items.Count}",
        ListMeaning list => $"a list of {list.Items.Count}",
        InitMeaning init => init.Init.ToString(),
        ChoiceMeaning choice => $"{choice.Enum}.{choice.Member}",
        NetworkMeaning => "a network",
        ConstantMeaning { Value: null } => "null",
        ConstantMeaning { Value: string text } => $"the string \"{text}\"",
        ConstantMeaning { Value: bool value } => value ? "true" : "false",
        ConstantMeaning constant => $"the number {CompileTime.Text(constant.Value)}",
        _ => "something unknown",
    };

    private static string Explain(string text, UnsupportedReason reason) => reason switch
    {
        UnsupportedReason.NotABlock => $"'{text}' calls a method that is neither an operation nor a [Block]; mark the method [Block], or "
            + "write it inline.",
        UnsupportedReason.ForeignBlock => $"'{text}' calls a [Block] of another assembly, whose body cannot be read; move the block into "
            + "this project, or use that network with Layer.Of.",
        UnsupportedReason.AmbiguousBlock => $"'{text}' fits several blocks of that name; give the blocks different names.",
        UnsupportedReason.NotANetwork => $"'{text}' is no [Spec] method of a [Network]; Layer.Of takes one, such as "
            + "Layer.Of(Encoder.Forward).",
        UnsupportedReason.Stranger => $"This call binds to {text}, not to the operation of the language. Rename that method, or remove "
            + "its using directive.",
        UnsupportedReason.TooDeep => $"'{text}' is nested deeper than the reader follows; name parts of it with locals.",
        UnsupportedReason.NotConstant => $"'{text}' is not a compile-time constant; make it a const.",
        _ => $"'{text}' is not part of the spec subset; allowed here: locals, operations, blocks, compile-time arithmetic, if, for, "
            + "foreach, lists and tuples.",
    };
}
