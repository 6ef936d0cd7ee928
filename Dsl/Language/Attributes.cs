using System;

namespace Hybrid;

/// <summary>A network: a partial class with one <c>[Spec]</c> method over <see cref="Sym"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NetworkAttribute : Attribute
{
    /// <summary>The size symbols, comma-separated, each ≥ 1, with a role where it helps: <c>"B:batch, H:spatial, W"</c>.</summary>
    public string Dims { get; set; } = "";

    /// <summary>Facts about the symbols, comma-separated comparisons: <c>"H % 4 == 0, H >= 16"</c>. <c>/</c> floors, as C#'s int.</summary>
    public string Where { get; set; } = "";

    /// <summary>
    /// Facts that hold in training only, such as <c>"B >= 2"</c> for batch statistics: they are checked in training, and evaluation may
    /// break them.
    /// </summary>
    public string Training { get; set; } = "";

    /// <summary>Compare checkpoint keys and shapes with the committed lock file (HYB4006).</summary>
    public bool Lock { get; set; }
}

/// <summary>A loss: a partial class whose one <c>[Spec]</c> method maps tensors to a scalar.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class LossAttribute : Attribute
{
    /// <inheritdoc cref="NetworkAttribute.Dims"/>
    public string Dims { get; set; } = "";

    /// <inheritdoc cref="NetworkAttribute.Where"/>
    public string Where { get; set; } = "";
}

/// <summary>The method that describes the network or loss.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SpecAttribute : Attribute;

/// <summary>A piece of a spec with weights of its own at each call; its checkpoint keys are prefixed <c>name_i.</c></summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BlockAttribute : Attribute;

/// <summary>
/// The shape of an input or, as <c>[return: Shape("B, 10")]</c>, of the result; one string for each tuple element. A result that holds no
/// real numbers has its element type after the sizes: <c>[return: Shape("B, T Int64")]</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.ReturnValue)]
public sealed class ShapeAttribute(params string[] shapes) : Attribute
{
    public string[] Shapes { get; } = shapes;
}

/// <summary>The programs to derive besides the module.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DeriveAttribute(params Variant[] variants) : Attribute
{
    public Variant[] Variants { get; } = variants;
}

/// <summary>An upper bound the checker holds the network to.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BudgetAttribute : Attribute
{
    /// <summary>Most trainable parameters; 0 means no bound.</summary>
    public long Parameters { get; set; }
}

/// <summary>
/// A hyper-parameter that is chosen when the network is made, not when it is compiled: a size (<c>[Param] int hidden = 128</c>), a number
/// (<c>[Param] double dropout = 0.1</c>), or a choice among networks that are all proved: a bool, an enum, or an int with
/// <see cref="Max"/>, which may be a loop's bound.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ParamAttribute : Attribute
{
    /// <summary>The largest value of an int that is a choice, such as a depth; 0: it is a size of any value.</summary>
    public int Max { get; set; }

    /// <summary>The smallest value of such an int.</summary>
    public int Min { get; set; } = 1;
}

/// <summary>
/// Which choices of its [Param]s a generated network stands for, as C# names and values in turn: written by the generator onto the classes
/// inside a network that has choices.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NetworkChoicesAttribute(params object[] choices) : Attribute
{
    public object[] Choices { get; } = choices;
}

/// <summary>Every value of this input is &gt; 0.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class PositiveAttribute : Attribute;

/// <summary>Every value of this input is in [0, 1].</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ProbabilityAttribute : Attribute;

/// <summary>This input holds 64-bit integers (class indices, tokens).</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class Int64Attribute : Attribute;

/// <summary>This input holds booleans (masks).</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BoolAttribute : Attribute;

/// <summary>What a generated network promises; written by the generator so that other assemblies can check against it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NetworkContractAttribute(string text) : Attribute
{
    public string Text { get; } = text;

    /// <summary>
    /// Checkpoint keys of the layers in the graph's order, separated by spaces: a trace does not see the locals that most are named for.
    /// </summary>
    public string Keys { get; set; } = "";
}

/// <summary>
/// One of the programs that a generated network has besides its module: what a network that contains it can derive. Written by the
/// generator into that program's file.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class NetworkProgramAttribute(Variant variant) : Attribute
{
    public Variant Variant { get; } = variant;
}

/// <summary>A program derived from a spec.</summary>
public enum Variant
{
    /// <summary>A <c>Weights</c> record and a static <c>Forward(Weights, …)</c>.</summary>
    Functional,

    /// <summary>
    /// Of a network: a class <c>Ensemble</c> of M networks in one batched module, each tensor with a leading axis of members. Of a loss: a
    /// function <c>…Ensemble</c> that gives each member's loss.
    /// </summary>
    Ensemble,

    /// <summary>
    /// A class <c>Flipout</c>: the network with a Gaussian posterior for each weight of its Linear layers and convolutions, drawn for each
    /// example by sign flips (Wen et al. 2018); its KL divergence from the prior N(0, 1); Monte-Carlo prediction; made from a trained
    /// network by <c>Flipout.From</c>.
    /// </summary>
    Flipout,

    /// <summary>Forward-mode derivative along given input tangents.</summary>
    Tangent,

    /// <summary>A static model card: shapes, parameters, FLOPs, memory.</summary>
    Card,
}
