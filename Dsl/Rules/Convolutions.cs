using System.Linq;
using Hybrid.Graphs;
using Hybrid.Programs;

namespace Hybrid.Rules;

/// <summary>What a convolution and its transpose share: the channels' checks, and how both are written.</summary>
internal static class Convolutions
{
    // TorchSharp's names of the options, of a layer and of a function, in the functions' order.
    private static readonly (string Parameter, string OfLayer, string OfFunction)[] _options =
        [("stride", "stride", "strides"), ("pad", "padding", "padding"), ("outputPad", "output_padding", "output_padding"), ("dilation", "dilation", "dilation")];

    /// <summary>Pinned channels are those that come (HYB1002), and the groups divide both sides (HYB1014).</summary>
    public static bool TryChannels(this Inference i)
    {
        var x = i.Value();
        var (inputs, channels, groups) = (x.Shape[1], i.Size("channels"), i.Integer("groups"));
        if (i.IsGiven("inputs") && !i.Demand(i.Size("inputs"), inputs, "inputs", out _))
            i.Error("HYB1002", $"{i.Subject} is pinned to {i.Size("inputs")} input channels but {i.Describe(x)} has {inputs} ({x.Shape}). Remove the pin to infer it.", "inputs", x);
        if (i.Facts.Divides(groups, inputs).IsProved && i.Facts.Divides(groups, channels).IsProved) return true;
        var left = i.Facts.Divides(groups, inputs).IsProved ? channels : inputs;
        return i.Error("HYB1014", $"{i.Subject}: groups={groups} must divide in={inputs} and out={channels}; {left} % {groups} = {left.Mod(groups)}. Use a divisor of both.", "groups", x);
    }

    /// <summary>The layer of a module; what has its default is left out.</summary>
    /// <param name="c">The node.</param>
    /// <param name="module">TorchSharp's class: <c>Conv2d</c>.</param>
    public static LayerCode Layer(NodeCode c, string module)
    {
        string Pair(string parameter) => $"({c.Pair(parameter).Height}, {c.Pair(parameter).Width})";
        var code = $"nn.{module}({c.Size(c.Shape()[1])}, {c.Size(c.SizeOf("channels"))}, {Pair("k")}";
        foreach (var (parameter, name, _) in _options.Where(option => IsWritten(c, option.Parameter))) code += $", {name}: {Pair(parameter)}";
        if (!c.IsDefault("groups")) code += $", groups: {c.Integer("groups")}";
        if (!c.IsDefault("bias")) code += ", bias: false";
        return new LayerCode("Modules." + module, code + ", device: device, dtype: dtype)");
    }

    /// <summary>The call of TorchSharp's function, <c>conv2d</c>, on <paramref name="x"/>.</summary>
    public static string Call(NodeCode c, string function, string x, string bias)
    {
        var code = $"functional.{function}({x}, {c.Weight("weight")}, {bias}";
        foreach (var (parameter, _, name) in _options.Where(option => IsWritten(c, option.Parameter))) code += $", {name}: {c.PairLongs(parameter)}";
        if (!c.IsDefault("groups")) code += $", groups: {c.Integer("groups")}";
        return code + ")";
    }

    private static bool IsWritten(NodeCode c, string parameter) => c.Rule.Signature[parameter] is not null && !c.IsDefault(parameter);
}
