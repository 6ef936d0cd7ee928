namespace Hybrid.Graphs;

/// <summary>What an <see cref="Edit"/> does to the expression at its place.</summary>
public enum EditKind
{
    /// <summary>The expression continues: <c>x</c> becomes <c>x.Squeeze(1)</c>; the text is <c>.Squeeze(1)</c>.</summary>
    Append,

    /// <summary>The text stands instead of the expression.</summary>
    Replace,

    /// <summary>The call is of another operation; with parentheses after its name, its arguments are others too.</summary>
    Rename,

    /// <summary>The call gets this named argument, <c>outputPad: 1</c>, or another value for the one it has.</summary>
    Argument,

    /// <summary>The call goes and its receiver stays: <c>logits.Softmax()</c> becomes <c>logits</c>.</summary>
    Unwrap,

    /// <summary>The call's receiver and the call continue, each with its side of <c>¦</c>: <c>.Unsqueeze(1)¦.Squeeze(1)</c>.</summary>
    Around,

    /// <summary>The parameter gets this attribute.</summary>
    Attribute,

    /// <summary>The network gets this fact of its training.</summary>
    TrainingFact,
}

/// <summary>A repair of a spec's text that an editor can make.</summary>
/// <param name="Kind">What happens to the expression.</param>
/// <param name="Text">With which text; empty where none is needed.</param>
/// <param name="Place">The expression, call or parameter.</param>
public sealed record Edit(EditKind Kind, string Text, Origin Place);
