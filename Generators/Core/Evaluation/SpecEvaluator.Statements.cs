using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Generators.Model;
using Hybrid.Graphs;

namespace Hybrid.Generators.Evaluation;

internal sealed partial class SpecEvaluator
{
    /// <summary>What one call of a method knows: its locals, and what it returned.</summary>
    private sealed class Frame
    {
        public Frame(MethodModel method)
        {
            Method = method;
            Reassigned = new HashSet<string>(Assigned(method.Body).GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key)
                .Concat(method.Parameters.Select(p => p.Name).Intersect(Assigned(method.Body))));
        }

        public MethodModel Method { get; }

        public Dictionary<string, Meaning> Locals { get; } = new();

        /// <summary>Locals that are given a value at more than one place: they name no layer.</summary>
        public HashSet<string> Reassigned { get; }

        public Meaning? Returned { get; set; }

        public Origin ReturnPlace { get; set; } = Origin.None;

        /// <summary>The elements of a returned tuple that is written out; null for other expressions.</summary>
        public IReadOnlyList<Origin>? ReturnPlaces { get; set; }
    }

    private void Run(EquatableArray<Statement> statements)
    {
        foreach (var statement in statements)
        {
            if (_frame.Returned is not null || !Step()) return;
            Run(statement);
        }
    }

    private void Run(Statement statement)
    {
        switch (statement)
        {
            case DeclareStatement declare:
                Assign(declare.Names, declare.Value);
                break;
            case AssignStatement assign:
                Assign(assign.Names, assign.Value);
                break;
            case CallStatement call:
                Evaluate(call.Call);
                break;
            case BlockStatement block:
                Run(block.Statements);
                break;
            case ReturnStatement value:
                _frame.ReturnPlace = _sites.At(value.Value.Id);
                _frame.ReturnPlaces = value.Value is TupleExpression written
                    ? written.Items.Select(item => _sites.At(item.Id)).ToList()
                    : null;
                _frame.Returned = Evaluate(value.Value);
                break;
            case IfStatement branch:
                if (Condition(branch.Condition, "Condition") is { } taken) Run(taken ? branch.Then : branch.Else);
                else Forget(branch.Then.Concat(branch.Else));
                break;
            case ForStatement loop:
                Loop(loop);
                break;
            case ForEachStatement loop:
                Loop(loop);
                break;
            case UnsupportedStatement unsupported:
                Report("HYB4004", unsupported.Id, Explain(unsupported.Text, unsupported.Reason));
                break;
            case BrokenStatement broken:
                _isBroken = true;
                foreach (var name in broken.Names) _frame.Locals[name.Name] = Meaning.Unknown;
                break;
        }
    }

    private void Loop(ForStatement loop)
    {
        Run(loop.Initializers);
        while (Step())
        {
            // Without a condition only a return ends the loop; the work limit stops what never ends.
            var goesOn = loop.Condition is null ? true : Condition(loop.Condition, "Loop bound");
            if (goesOn is null)
            {
                Forget(loop.Body);
                return;
            }
            if (goesOn == false) return;
            Run(loop.Body);
            if (_frame.Returned is not null) return;
            Run(loop.Steps);
        }
    }

    private void Loop(ForEachStatement loop)
    {
        switch (Evaluate(loop.List))
        {
            case ListMeaning list:
                // As C# does, the list that is gone through is the one that was there.
                foreach (var item in list.Items.ToList())
                {
                    if (!Step()) return;
                    Take(loop.Names, item, loop.List.Id);
                    Run(loop.Body);
                    if (_frame.Returned is not null) return;
                }
                return;
            case UnknownMeaning:
                break;
            case var other:
                Report("HYB4005", loop.List.Id, $"A foreach goes over a list that is known when compiling; {Describe(other)} is given.");
                break;
        }
        foreach (var name in loop.Names) _frame.Locals[name.Name] = Meaning.Unknown;
        Forget(loop.Body);
    }

    /// <summary>A branch or loop that cannot be followed: what it assigns is unknown, and so is the result if it returns.</summary>
    private void Forget(IEnumerable<Statement> statements)
    {
        var skipped = statements.ToEquatable();
        foreach (var name in Assigned(skipped)) _frame.Locals[name] = Meaning.Unknown;
        if (Returns(skipped)) _frame.Returned = Meaning.Unknown;
    }

    private void Assign(EquatableArray<LocalName> names, Expression value)
    {
        if (names.Count == 1)
        {
            var local = names[0];
            Meaning meaning;
            if (local.Name == "_") meaning = Evaluate(value);
            else
                using (_builder.Local(local.Name, namesLayers: !_frame.Reassigned.Contains(local.Name))) meaning = Evaluate(value);
            Set(local, meaning);
            return;
        }
        Take(names, Evaluate(value), value.Id);
    }

    /// <summary>Gives one name a value, or several the elements of a tuple.</summary>
    private void Take(EquatableArray<LocalName> names, Meaning value, int place)
    {
        if (names.Count == 1)
        {
            Set(names[0], value);
            return;
        }
        switch (value)
        {
            case TupleMeaning tuple when tuple.Items.Count == names.Count:
                for (var i = 0; i < names.Count; i++) Set(names[i], tuple.Items[i]);
                break;
            case UnknownMeaning:
                foreach (var name in names) Set(name, Meaning.Unknown);
                break;
            case var other:
                Report(
                    "HYB4004", place,
                    $"{Plural.Of(names.Count, "name")} cannot take {Describe(other)}. Use as many names as the tuple has elements.");
                foreach (var name in names) Set(name, Meaning.Unknown);
                break;
        }
    }

    private void Set(LocalName local, Meaning meaning)
    {
        if (local.Name == "_") return;
        // A double stays one when an int is assigned to it.
        if (meaning is ConstantMeaning { Value: int or long } number
            && _frame.Locals.TryGetValue(local.Name, out var before)
            && before is ConstantMeaning { Value: double })
            meaning = new ConstantMeaning(Convert.ToDouble(number.Value));
        _frame.Locals[local.Name] = meaning is TensorMeaning { Tensor.IsUnknown: false } tensor
            ? new TensorMeaning(_builder.Name(tensor.Tensor, local.Name, IsOfThisCall(tensor.Tensor) ? Origin.None : _sites.At(local.Id)))
            : meaning;
    }

    /// <summary>Whether a value was computed by the call that is being read, not inside a block that it calls nor outside of it.</summary>
    private bool IsOfThisCall(Value value) => !value.Origin.IsKnown || (_sites.CallerOf(value.Origin)?.Id ?? -1) == _sites.Caller;

    /// <summary>Names that statements give a value, once for each place.</summary>
    private static IEnumerable<string> Assigned(IEnumerable<Statement> statements) => statements.SelectMany(statement => statement switch
    {
        DeclareStatement declare => declare.Names.Select(n => n.Name),
        AssignStatement assign => assign.Names.Select(n => n.Name),
        BlockStatement block => Assigned(block.Statements),
        IfStatement branch => Assigned(branch.Then).Concat(Assigned(branch.Else)),
        ForStatement loop => Assigned(loop.Initializers).Concat(Assigned(loop.Steps)).Concat(Assigned(loop.Body)),
        ForEachStatement loop => loop.Names.Select(n => n.Name).Concat(Assigned(loop.Body)),
        BrokenStatement broken => broken.Names.Select(n => n.Name),
        _ => Enumerable.Empty<string>(),
    });

    private static bool Returns(IEnumerable<Statement> statements) => statements.Any(statement => statement switch
    {
        ReturnStatement => true,
        BlockStatement block => Returns(block.Statements),
        IfStatement branch => Returns(branch.Then) || Returns(branch.Else),
        ForStatement loop => Returns(loop.Body),
        ForEachStatement loop => Returns(loop.Body),
        _ => false,
    });
}
