using System;
using System.Linq;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// Several networks as one module, for an algorithm that trains them together: their checkpoint keys are <c>name.key</c>. TorchSharp's own
/// <c>nn.ModuleDict</c> lists no weights of its modules. Disposing it disposes them.
/// </summary>
public sealed class ModuleGroup : nn.Module
{
    /// <param name="modules">Names, without a dot, and networks; at least one.</param>
    /// <exception cref="ArgumentException">A name is empty, has a dot or comes twice.</exception>
    public ModuleGroup(params (string Name, nn.Module Module)[] modules) : base(nameof(ModuleGroup))
    {
        ArgumentNullException.ThrowIfNull(modules);
        if (modules.Length == 0) throw new ArgumentException("ModuleGroup: expected at least one module, got none.", nameof(modules));
        if (modules.Select(module => module.Name).Distinct().Count() < modules.Length)
            throw new ArgumentException(
                $"ModuleGroup: expected different names, got {string.Join(", ", modules.Select(module => module.Name))}.", nameof(modules));
        foreach (var (name, module) in modules)
        {
            ArgumentNullException.ThrowIfNull(module, nameof(modules));
            if (string.IsNullOrEmpty(name) || name.Contains('.'))
                throw new ArgumentException($"ModuleGroup: expected names without a dot, got '{name}'.", nameof(modules));
            register_module(name, module);
        }
    }
}
