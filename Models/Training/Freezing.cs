using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Which weights are trained. A frozen parameter gets no gradient; give the optimiser <see cref="Trainable"/>. Running
/// statistics of normalisations are not parameters: put a frozen part into evaluation mode to keep them as they are.
/// </summary>
public static class Freezing
{
    /// <summary>Freezes the parameters whose key is one of the given or lies below it ("encoder" freezes "encoder.conv.weight").</summary>
    /// <returns>The keys that are frozen now and were not before.</returns>
    /// <exception cref="ArgumentException">A key names no parameter.</exception>
    public static IReadOnlyList<string> Freeze(nn.Module module, params string[] keys) => Set(module, keys, false);

    /// <summary>Trains the parameters of these keys again.</summary>
    /// <inheritdoc cref="Freeze"/>
    /// <returns>The keys that are trained now and were not before.</returns>
    public static IReadOnlyList<string> Thaw(nn.Module module, params string[] keys) => Set(module, keys, true);

    /// <summary>The parameters that are not frozen, in the module's order.</summary>
    public static IReadOnlyList<Parameter> Trainable(nn.Module module) => module.parameters().Where(p => p.requires_grad).ToArray();

    private static string[] Set(nn.Module module, string[] keys, bool trained)
    {
        var parameters = module.named_parameters().ToArray();
        foreach (var key in keys)
        {
            if (!parameters.Any(p => Covers(key, p.name)))
            {
                throw new ArgumentException(
                    $"Freezing: no parameter of {ModuleName.Of(module)} is '{key}' or lies below it. "
                    + $"Its keys start with: {string.Join(", ", parameters.Select(p => p.name.Split('.')[0]).Distinct())}.",
                    nameof(keys));
            }
        }
        var changed = parameters.Where(p => p.parameter.requires_grad != trained && keys.Any(key => Covers(key, p.name))).ToArray();
        foreach (var (_, parameter) in changed)
        {
            parameter.requires_grad = trained;
            if (!trained) parameter.grad = null!;
        }
        return changed.Select(p => p.name).ToArray();
    }

    private static bool Covers(string key, string name)
        => name.StartsWith(key, StringComparison.Ordinal) && (name.Length == key.Length || name[key.Length] == '.');
}
