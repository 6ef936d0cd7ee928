using Hybrid.Graphs;

namespace Hybrid.Programs;

/// <summary>Initialisation as calls of TorchSharp.</summary>
internal static class Initialisers
{
    /// <summary>How a tensor that the network holds itself starts.</summary>
    public static string Own(Weight weight, string tensor, string? fanIn)
        => Call(weight.Init, tensor) is { } call ? call
            : fanIn is null ? $"init.zeros_({tensor});"
            : $"init.uniform_({tensor}, -1 / Math.Sqrt({fanIn}), 1 / Math.Sqrt({fanIn}));";

    /// <summary>Null where the layer's own initialisation stands.</summary>
    public static string? Call(Init init, string tensor) => init.Scheme switch
    {
        null => null,
        nameof(Init.GlorotNormal) => $"init.xavier_normal_({tensor});",
        nameof(Init.GlorotUniform) => $"init.xavier_uniform_({tensor});",
        // He's gain for ReLU over the fan-in.
        nameof(Init.KaimingNormal) => $"init.kaiming_normal_({tensor}, nonlinearity: init.NonlinearityType.ReLU);",
        nameof(Init.KaimingUniform) => $"init.kaiming_uniform_({tensor}, nonlinearity: init.NonlinearityType.ReLU);",
        nameof(Init.Zeros) => $"init.zeros_({tensor});",
        nameof(Init.Ones) => $"init.ones_({tensor});",
        nameof(Init.Normal) => $"init.normal_({tensor}, 0, {CSharpText.Literal(init.Scale)});",
        nameof(Init.Uniform) => $"init.uniform_({tensor}, {CSharpText.Literal(-init.Scale)}, {CSharpText.Literal(init.Scale)});",
        nameof(Init.Constant) => $"init.constant_({tensor}, {CSharpText.Literal(init.Scale)});",
        _ => throw new System.InvalidOperationException($"no initialiser is called '{init.Scheme}'"),
    };
}
