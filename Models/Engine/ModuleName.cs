using System;
using TorchSharp;

namespace Hybrid.Models.Engine;

/// <summary>What messages call a module.</summary>
internal static class ModuleName
{
    /// <summary>
    /// The name that a module was given; TorchSharp calls those it makes in C++ <c>torch::nn::SequentialImpl</c>: the class is enough.
    /// </summary>
    public static string Of(torch.nn.Module module)
    {
        var name = module.GetName();
        if (!name.StartsWith("torch::", StringComparison.Ordinal)) return name;
        var last = name[(name.LastIndexOf(':') + 1)..];
        return last.EndsWith("Impl", StringComparison.Ordinal) ? last[..^4] : last;
    }
}
