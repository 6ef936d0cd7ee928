using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Layer
    {
        /// <summary>A whole network as a layer: <c>Layer.Of(Encoder.Forward).On(x)</c>. Its [return: Shape] says what comes out.</summary>
        /// <typeparam name="TResult">What the network gives: <see cref="Sym"/>, or a tuple of them.</typeparam>
        /// <param name="network">The [Spec] method of a [Network] class.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static NetworkLayer<TResult> Of<TResult>(Func<Sym, TResult> network, string? key = null) => new(OfNetwork(network, key));

        /// <inheritdoc cref="Of{TResult}(Func{Sym, TResult}, string?)"/>
        public static NetworkLayer<TResult> Of<TResult>(Func<Sym, Sym, TResult> network, string? key = null)
            => new(OfNetwork(network, key));

        /// <inheritdoc cref="Of{TResult}(Func{Sym, TResult}, string?)"/>
        public static NetworkLayer<TResult> Of<TResult>(Func<Sym, Sym, Sym, TResult> network, string? key = null)
            => new(OfNetwork(network, key));

        private static Layer OfNetwork(Delegate network, string? key)
        {
            var type = network.Method.DeclaringType
                ?? throw new ArgumentException("Layer.Of takes the [Spec] method of a network", nameof(network));
            return new Layer("Of", Trace.FullName(type), Trace.Contract(network.Method).ToString(), key);
        }
    }

    /// <summary>A network as a layer value: applied several times it is one set of weights.</summary>
    /// <typeparam name="TResult"><see cref="Sym"/>, or a tuple of them.</typeparam>
    public sealed class NetworkLayer<TResult>
    {
        private readonly Layer _layer;

        internal NetworkLayer(Layer layer) => _layer = layer;

        /// <summary>Applies a network of one input.</summary>
        public TResult On(Sym x) => Typed(_layer.Apply(x));

        /// <summary>Applies a network of two inputs.</summary>
        public TResult On(Sym x, Sym second) => Typed(_layer.Apply(x, second));

        /// <summary>Applies a network of three inputs.</summary>
        public TResult On(Sym x, Sym second, Sym third) => Typed(_layer.Apply(x, second, third));

        private static TResult Typed(Sym[] results)
            => results.Length == 1
                ? (TResult)(object)results[0]
                : (TResult)Activator.CreateInstance(typeof(TResult), results.Cast<object>().ToArray());
    }
}

namespace Hybrid.Rules
{
    /// <summary>Another network: its contract says what it takes and gives.</summary>
    internal sealed class OfRule : Rule
    {
        private static readonly string[] _tensors = ["x", "second", "third"];

        protected override Signature Declared() => new(
            Name,
            new("x", ParameterKind.Tensor),
            new("second", ParameterKind.OptionalTensor),
            new("third", ParameterKind.OptionalTensor),
            new("network", ParameterKind.Text),
            new("contract", ParameterKind.Text),
            new("key", ParameterKind.Text, Argument.None));

        public override bool HoldsLayer => true;

        public override bool HoldsNetwork => true;

        // What the network inside does is its own to know.
        public override bool DependsOnTraining => true;

        public override int CountOutputs(Binding binding)
            => binding.Constants[1] is Argument.Text text && Contract.TryParse(text.Value, out var contract, out _)
                ? contract.Outputs.Count
                : 1;

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            var name = i.Text("network")!;
            if (!Contract.TryParse(i.Text("contract")!, out var contract, out var problem))
            {
                i.Error("HYB4009", $"{i.Subject}: the contract of {name} cannot be read: {problem}.", "network");
                return;
            }
            var given = _tensors.Select(i.Optional).OfType<Value>().ToList();
            foreach (var outcome in ContractUse.Apply(i, name, contract, given)) i.Output(outcome);
        }

        public override LayerCode Layer(NodeCode c)
        {
            var type = "global::" + ((Argument.Text)c.Argument("network")).Value;
            return new LayerCode(type, $"new {type}(device: device, dtype: dtype)");
        }

        private static InnerNetwork Inner(NodeCode c) => InnerNetwork.Of(c.Graph, c.Node.Layer)!;

        public override string Functional(NodeCode c)
            => $"{Inner(c).Type}.{Inner(c).Contract.Method}({c.Inner}, {string.Join(", ", c.Inputs)}, {c.Training})";

        /// <summary>An ensemble in the ensemble, which knows its members' axis.</summary>
        public override string? Ensemble(EnsembleCode c) => $"{c.Inner}.forward({string.Join(", ", c.Inputs)})";

        /// <summary>One call gives value and tangent; an input that does not move has the tangent zero.</summary>
        public override bool Tangent(TangentCode c)
        {
            var contract = Inner(c).Contract;
            var moving = _tensors.Where(
                (parameter, n) => n < contract.Inputs.Count && contract.Inputs[n].Shape.Element == ElementType.Real).ToList();
            var directions = moving.Select(parameter => c.TangentOf(parameter)).OfType<string>().FirstOrDefault();
            if (directions is null) return c.SetNone();
            var tangents = moving.Select(parameter => c.TangentOf(parameter)
                ?? TangentCode.Still(c.In(parameter), c.Shape(parameter).Rank, directions));
            var both = c.Local(
                "pair",
                $"{Inner(c).Type}.{contract.Method}Tangent({c.Inner}, {string.Join(", ", c.Inputs.Concat(tangents))}, {c.Training})",
                string.Join(", ", contract.Outputs.Select((_, n) => ProgramFile.Round(c.Result(n)))) + " and their tangents");
            c.Value = $"{both}.Value";
            return c.Set(
                contract.Outputs.Count == 1 ? [$"{both}.Tangent"] : [.. contract.Outputs.Select((_, n) => $"{both}.Tangent.Item{n + 1}")]);
        }
    }

    /// <summary>A call through a contract: the sizes of its symbols follow from the inputs, and its facts must hold for them.</summary>
    internal static class ContractUse
    {
        public static IReadOnlyList<Shape> Apply(Inference i, string name, Contract contract, IReadOnlyList<Value> given)
        {
            if (given.Count != contract.Inputs.Count)
            {
                i.Error(
                    "HYB1004",
                    $"{i.Subject}: {name} takes {Plural.Of(contract.Inputs.Count, "input")}, got {given.Count}. Give it one tensor for "
                        + "each input.",
                    "x", given.ToArray());
                return [];
            }
            var sizes = new ContractSizes();
            foreach (var parameter in contract.Parameters) if (parameter.Default is { } value) sizes.Bind(parameter.Name, value);
            for (var n = 0; n < given.Count; n++)
            {
                var (promised, actual) = (contract.Inputs[n].Shape, given[n]);
                if (promised.Rank != actual.Shape.Rank)
                {
                    i.Error(
                        "HYB1004",
                        $"{i.Subject}: {name} takes {contract.Inputs[n].Name ?? "its input"} {promised}; {i.Describe(actual)} gives rank "
                            + $"{actual.Shape.Rank} {actual.Shape}.",
                        "x", actual);
                    return [];
                }
                if (promised.Element != actual.Shape.Element)
                {
                    var fix = promised.Element == ElementType.Real ? "Make it real: * 1.0." : $"Mark the input [{promised.Element}].";
                    i.Error(
                        "HYB1023",
                        $"{i.Subject}: {name} takes {contract.Inputs[n].Name ?? "its input"} as {LossTargets.Kind(promised.Element)}; "
                            + $"{i.Describe(actual)} {actual.Shape} holds {LossTargets.Kind(actual)}. {fix}",
                        "x", actual);
                    if (i.Producer(actual) is null && actual.Shape.Element == ElementType.Real)
                        i.Offer(EditKind.Attribute, $"{promised.Element}", actual.Origin);
                    return [];
                }
                if (!Holds(promised.Domain, actual.Shape.Domain)) return Unpromised(i, name, contract.Inputs[n], actual);
                for (var axis = 0; axis < promised.Rank; axis++)
                    if (promised[axis].AsSymbol is { } symbol && !sizes.IsBound(symbol)) sizes.Bind(symbol, actual.Shape[axis]);
            }
            var axes = contract.Inputs.SelectMany(
                (input, n) => Enumerable.Range(0, input.Shape.Rank).Select(axis => (Input: n, Axis: axis, Promised: input.Shape[axis])))
            .ToList();
            // What one axis gives, another may need.
            for (var progress = true; progress;)
            {
                progress = false;
                foreach (var (input, axis, promised) in axes)
                {
                    if (sizes.Solve(promised, given[input].Shape[axis]) is not { } solved) continue;
                    if (!Solved(i, name, contract.Inputs[input], given[input], axis, solved)) return [];
                    sizes.Bind(solved.Symbol, solved.Value);
                    progress = true;
                }
            }
            Dim? Bound(string symbol) => sizes.Of(symbol);
            for (var n = 0; n < given.Count; n++)
                for (var axis = 0; axis < given[n].Shape.Rank; axis++)
                {
                    // What no axis gives cannot be compared; a result that needs it is refused below.
                    if (!sizes.IsKnown(contract.Inputs[n].Shape[axis])) continue;
                    var (expected, actual) = (contract.Inputs[n].Shape[axis].Substitute(Bound), given[n].Shape[axis]);
                    if (i.Demand(expected, actual, "x", out var verdict)) continue;
                    i.Error(
                        "HYB1018",
                        $"{i.Subject}: {name} takes {contract.Inputs[n].Name ?? "its input"} {contract.Inputs[n].Shape}, "
                            + $"{i.Describe(given[n])} is {given[n].Shape}; axis {axis} must be {expected}, not "
                            + $"{actual}{verdict.Witnessed(expected, actual)}.",
                        "x", given[n]);
                    return [];
                }
            foreach (var fact in contract.Facts.Declared.Where(fact => sizes.IsKnown(fact.Left) && sizes.IsKnown(fact.Right)))
                if (!Holds(i, name, fact, Bound, given[0])) return [];
            var open = contract.Outputs.SelectMany(output => output.Shape.Sizes)
                .SelectMany(size => size.Symbols)
                .FirstOrDefault(symbol => !sizes.IsBound(symbol));
            if (open is null) return contract.Outputs.Select(output => output.Shape.Substitute(Bound)).ToList();
            i.Error(
                "HYB4013",
                $"{i.Subject}: '{open}' in the result of {name} does not follow from its inputs. Use sizes that the input shape names.",
                "x");
            return [];
        }

        private static bool Holds(Domain promised, Domain actual) => promised switch
        {
            Domain.Positive => actual == Domain.Positive,
            Domain.Probability => actual is Domain.Probability or Domain.Distribution,
            _ => true,
        };

        /// <summary>HYB3007 or HYB3004: an input marked [Positive] or [Probability] is handed what is not known to be that.</summary>
        private static IReadOnlyList<Shape> Unpromised(Inference i, string name, ContractTensor promised, Value actual)
        {
            var isPositive = promised.Shape.Domain == Domain.Positive;
            var (id, wanted, map) = isPositive ? ("HYB3007", "> 0", ".Softplus()") : ("HYB3004", "in [0, 1]", ".Sigmoid()");
            var isInput = i.Producer(actual) is null;
            i.Error(
                id,
                $"{i.Subject}: {name} takes {promised.Name ?? "its input"} marked [{promised.Shape.Domain}]; {i.Describe(actual)} "
                    + $"{actual.Shape} is not known to be {wanted}. Add "
                    + $"{map}{(isInput ? $", or mark the input [{promised.Shape.Domain}]" : "")}.",
                "x", actual);
            if (isInput) i.Offer(EditKind.Attribute, $"{promised.Shape.Domain}", actual.Origin);
            return [];
        }

        /// <summary>HYB1018 where no whole symbol ≥ 1 makes a·s + b the size that is given.</summary>
        private static bool Solved(
            Inference i,
            string name,
            ContractTensor promised,
            Value given,
            int axis,
            (string Symbol, Dim Value, Dim Size) solved)
        {
            var actual = given.Shape[axis];
            if (!i.Demand(solved.Size, actual, "x", out var exact)) return Refused(exact, exact.Missing);
            return i.DemandAtLeast(solved.Value, 1, "x", out var least, out var needed) || Refused(least, needed?.Text);

            bool Refused(Verdict verdict, string? fact)
            {
                var example = verdict.Witness is { Values.Count: > 0 } witness ? $" ({witness} gives {witness.Evaluate(actual)})" : "";
                var fix = fact is null ? "Bring it to such a size." : $"Add Where = \"{fact}\".";
                return i.Report(
                    "HYB1018",
                    $"{i.Subject}: {name} takes {promised.Name ?? "its input"} {promised.Shape}, {i.Describe(given)} is {given.Shape}; "
                        + $"axis {axis} must be {promised.Shape[axis]} for a whole {solved.Symbol} ≥ 1, not {actual}{example}. {fix}",
                    i.Place("x"), [given], verdict.Witness, fact);
            }
        }

        private static bool Holds(Inference i, string name, Comparison fact, Func<string, Dim?> bound, Value input)
        {
            var (left, right) = (fact.Left.Substitute(bound), fact.Right.Substitute(bound));
            var (verdict, met) = fact.Relation switch
            {
                Relation.Equal => (i.Demand(left, right, "x", out var equal), equal),
                Relation.NotEqual => (!i.Facts.AreEqual(left, right).IsProved, Verdict.Unknown),
                Relation.AtLeast => (i.DemandAtLeast(left - right, 0, "x", out var least, out _), least),
                Relation.Greater => (i.DemandAtLeast(left - right, 1, "x", out var above, out _), above),
                Relation.AtMost => (i.DemandAtLeast(right - left, 0, "x", out var most, out _), most),
                _ => (i.DemandAtLeast(right - left, 1, "x", out var below, out _), below),
            };
            if (verdict) return true;
            var example = met.Witness is { Values.Count: > 0 } witness ? $" ({witness})" : "";
            return i.Error(
                "HYB1018",
                $"{i.Subject}: {name} needs {fact.Text}, which {i.Describe(input)} {input.Shape} does not always give{example}. Add the "
                    + "fact to Where.",
                "x", input);
        }
    }
}
