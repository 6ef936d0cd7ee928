using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Algebra;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;
using Hybrid.Rules;

namespace Hybrid
{
    public sealed partial class Layer
    {
        /// <summary>
        /// A hand-written TorchSharp module, <c>nn.Module&lt;Tensor, Tensor&gt;</c> with a constructor without arguments. What it promises
        /// is checked each time it runs.
        /// </summary>
        /// <typeparam name="T">The module's class.</typeparam>
        /// <param name="promise">Shapes in and out: <c>"B, C, H, W -> B, 64, H, W"</c>.</param>
        /// <param name="key">Pins the checkpoint key.</param>
        public static Layer Module<T>(string promise, string? key = null) where T : class, new()
            => new("Module", Trace.FullName(typeof(T)), promise, key);
    }
}

namespace Hybrid.Rules
{
    internal sealed class ModuleRule : Rule
    {
        protected override Signature Declared() => new(
            Name,
            new("x", ParameterKind.Tensor),
            new("type", ParameterKind.Text),
            new("promise", ParameterKind.Text),
            new("key", ParameterKind.Text, Argument.None));

        public override bool HoldsLayer => true;

        public override bool HoldsUnknownWeights => true;

        public override bool Takes(Inference inference, string parameter, ElementType element) => true;

        public override void Infer(Inference i)
        {
            if (!TryPromise(i.Text("promise")!, i.Shape().Element, i.Constants, out var contract, out var problem))
            {
                i.Error("HYB4009", $"{i.Subject}: {problem}. Write shapes in and out, such as \"B, C, H, W -> B, 64, H, W\".", "promise");
                return;
            }
            foreach (var output in ContractUse.Apply(i, ((Argument.Text)i.Argument("type")).Value, contract, [i.Value()])) i.Output(output);
        }

        /// <summary>
        /// The promise as a contract; every name that is not a constant of the class is a size of its own. Element types may stand after
        /// the shapes, as in <c>B, T Int64 -> B, T, 8</c>; a module whose promise says none takes what it is given, and gives real numbers.
        /// </summary>
        private static bool TryPromise(
            string text,
            ElementType given,
            IReadOnlyDictionary<string, long> constants,
            out Contract contract,
            out string problem)
        {
            (contract, problem) = (null!, "");
            var sides = text.Split(["->"], StringSplitOptions.None);
            if (sides.Length != 2)
            {
                problem = $"'{text}' has {(sides.Length < 2 ? "no" : "more than one")} '->'";
                return false;
            }
            var symbols = new SortedSet<string>(StringComparer.Ordinal);
            try
            {
                var shapes = sides.Select(Shape.WithoutElement)
                    .Select((side, n) => new Shape(
                        DimParser.ParseShape(side.Sizes, Name).Select(size => new Axis(size)).ToEquatable(),
                        side.Element ?? (n == 0 ? given : ElementType.Real))).ToList();
                contract = new Contract(
                    EquatableArray.Of(new ContractTensor(null, shapes[0])),
                    EquatableArray.Of(new ContractTensor(null, shapes[1])),
                    Facts.Over(symbols),
                    EquatableArray<SpecParameter>.Empty);
                return true;
            }
            catch (DimSyntaxException exception)
            {
                problem = exception.Message;
                return false;
            }

            Dim? Name(string name)
            {
                if (constants.TryGetValue(name, out var value)) return value;
                symbols.Add(name);
                return Dim.Symbol(name);
            }
        }

        public override LayerCode Layer(NodeCode c)
        {
            var type = "global::" + ((Argument.Text)c.Argument("type")).Value;
            return new LayerCode(type, $"new {type}()") { IsForeign = true };
        }

        public override string? Promise(NodeCode c)
            => $"CheckPromise({CSharpText.Literal(((Argument.Text)c.Argument("type")).Value)}, "
                + $"{CSharpText.Literal(ProgramFile.Round(c.Result()))}, {{0}}, {string.Join(", ", c.Result().Sizes.Select(c.Size))});";

        public override string Functional(NodeCode c)
            => throw new InvalidOperationException("a hand-written module has no functional form");

        internal override string? Onnx(OnnxCode c)
            => throw new NotSupportedException(
                $"{c.Graph.Name}: the layer '{c.Key}' is {((Argument.Text)c.Argument("type")).Value}, a module written by hand; "
                + "ONNX is translated from specs. Write it as a [Network] and use it by Layer.Of.");
    }
}
