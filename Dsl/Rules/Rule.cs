using System.Collections.Generic;
using Hybrid.Graphs;
using Hybrid.Onnx;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>
/// An operation: its shape rule with the faults it can find, its weights, its cost, and how each program writes it, ONNX too. One file
/// holds a rule and the method by which a spec calls it, which states its parameters; <see cref="RuleTable"/> finds it by itself.
/// </summary>
public abstract class Rule
{
    private string? _name;
    private Signature? _signature;

    /// <summary>
    /// The method's name in a spec, which its rule is named for: <c>Conv2d</c> of <c>Conv2dRule</c>. An operator has its sign.
    /// </summary>
    public virtual string Name => _name ??= GetType().Name.Substring(0, GetType().Name.Length - nameof(Rule).Length);

    /// <summary>The parameters.</summary>
    public Signature Signature => _signature ??= Declared();

    /// <summary>The parameters, asked for once: those of the method by which a spec calls the operation.</summary>
    protected virtual Signature Declared() => Declaration.Of(Name, typeof(Operations));

    /// <summary>Derives outputs and weights, or reports faults.</summary>
    public abstract void Infer(Inference inference);

    /// <summary>How many outputs, before anything else is known of the call.</summary>
    public virtual int CountOutputs(Binding binding) => 1;

    /// <summary>
    /// The names of several results, by which a spec may take one: <c>x.Gru(16).last</c>. Empty for a single one, or for parts without
    /// names.
    /// </summary>
    public virtual IReadOnlyList<string> ResultNames => [];

    /// <summary>
    /// Whether a number may be one that a [Param] decides when the network is made; not where the shape or the written program depends on
    /// it.
    /// </summary>
    public virtual bool MayVary(string parameter) => true;

    /// <summary>True when the operation behaves differently in training (dropout, batch statistics).</summary>
    public virtual bool DependsOnTraining => false;

    /// <summary>True when a module keeps something for it even if no weights are listed: another network, a hand-written module.</summary>
    public virtual bool HoldsLayer => false;

    /// <summary>True when its layer is another network, by the parameters <c>network</c> and <c>contract</c>.</summary>
    public virtual bool HoldsNetwork => false;

    /// <summary>True when its weights cannot be listed: only the module program can be written (HYB5005).</summary>
    public virtual bool HoldsUnknownWeights => false;

    /// <summary>
    /// True when the result is memory of its own that the operation's backward does not read again, so that an activation after it may work
    /// in place.
    /// </summary>
    public virtual bool IsResultFree => false;

    /// <summary>True when the result shares its input's memory.</summary>
    public virtual bool IsView => false;

    /// <summary>
    /// A statement that checks the result when it runs, <c>{0}</c> standing for its name; null when its shape is certain.
    /// </summary>
    public virtual string? Promise(NodeCode code) => null;

    /// <summary>Whether a derivative passes from a tensor of real numbers to the result; not where it is only looked at.</summary>
    public virtual bool Differentiates(string parameter) => true;

    /// <summary>
    /// Whether a tensor may hold whole numbers or truth values, as in libtorch; HYB1023 where not. Real numbers are taken everywhere, and
    /// what only moves elements takes all.
    /// </summary>
    public virtual bool Takes(Inference inference, string parameter, ElementType element) => IsView;

    /// <summary>The layer that holds the weights in a module; null for an operation without weights.</summary>
    public virtual LayerCode? Layer(NodeCode code) => null;

    /// <summary>The expression of the value in a module that holds the layer; several results are a tuple.</summary>
    /// <param name="code">The node.</param>
    /// <param name="layer">The layer's field.</param>
    public virtual string Forward(NodeCode code, string layer) => $"{layer}.forward({string.Join(", ", code.Inputs)})";

    /// <summary>Static methods that what is written calls; each is written once into the class, in the file of its program.</summary>
    public virtual IEnumerable<SupportMethod> Support(NodeCode code) => [];

    /// <summary>The expression of the value, for a module when there is no layer, and for the functional program.</summary>
    public abstract string Functional(NodeCode code);

    /// <summary>Writes the tangent of the output; false when the operation has no forward-mode rule (HYB5003).</summary>
    public virtual bool Tangent(TangentCode code) => false;

    /// <summary>
    /// The expression for all members of an ensemble at once: values and weights (M, …) → (M, …). Null, the default: each member computes
    /// <see cref="Functional"/> by itself, which is right for every operation; a form of its own is faster.
    /// </summary>
    public virtual string? Ensemble(EnsembleCode code) => null;

    /// <summary>How it takes weights that are drawn (Flipout); null when it has none, or is not linear in them.</summary>
    public virtual PerturbedLayer? Flipout(NodeCode code) => null;

    /// <summary>
    /// A statement for what a module's layer keeps besides its value (a count of batches), which <see cref="Functional"/> does not write;
    /// null for most.
    /// </summary>
    public virtual string? Upkeep(NodeCode code) => null;

    /// <summary>Multiply-adds counted as two operations, for one evaluation.</summary>
    public virtual Algebra.Dim Flops(NodeCode code) => Algebra.Dim.Zero;

    /// <summary>The result in ONNX's operator set 17; null where it has no equivalent there.</summary>
    internal virtual string? Onnx(OnnxCode code) => null;

    /// <summary>The same of an operation with several results: the name of each.</summary>
    internal virtual IReadOnlyList<string>? OnnxResults(OnnxCode code) => Onnx(code) is { } result ? [result] : null;
}
