using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Weights;

/// <summary>Loads what fits of another network's weights, for fine-tuning, and says what did not.</summary>
public static class PartialLoading
{
    /// <summary>Copies every tensor whose key and shape the module has; dtype and device are converted.</summary>
    /// <param name="module">The module to load into.</param>
    /// <param name="source">Tensors by key.</param>
    /// <param name="rename">Gives the module's key for one of the source, or null to leave that tensor out; the same key when not
    /// given.</param>
    /// <exception cref="ArgumentException">A tensor of complex numbers is to be loaded into one of real ones; nothing was
    /// loaded.</exception>
    public static LoadReport Load(nn.Module module, IReadOnlyDictionary<string, Tensor> source, Func<string, string?>? rename = null)
        => Load(module, source, rename, _ => { });

    /// <param name="module">The module to load into.</param>
    /// <param name="source">Tensors by key.</param>
    /// <param name="rename">As above.</param>
    /// <param name="check">Sees the report before anything is copied; may throw.</param>
    internal static LoadReport Load(
        nn.Module module, IReadOnlyDictionary<string, Tensor> source, Func<string, string?>? rename, Action<LoadReport> check)
    {
        var targets = module.state_dict();
        var loaded = new List<string>();
        var unexpected = new List<string>();
        var mismatched = new List<ShapeMismatch>();
        using var _ = no_grad();
        var fitting = new List<(Tensor Target, Tensor Source)>();
        foreach (var (sourceKey, tensor) in source)
        {
            var key = rename is null ? sourceKey : rename(sourceKey);
            if (key is null) continue;
            if (!targets.TryGetValue(key, out var target))
            {
                unexpected.Add(key);
            }
            else if (!target.shape.AsSpan().SequenceEqual(tensor.shape))
            {
                mismatched.Add(new ShapeMismatch(key, target.shape, tensor.shape));
            }
            else
            {
                // libtorch would drop the imaginary parts.
                if (tensor.is_complex() && !target.is_complex())
                    throw new ArgumentException(
                        $"'{key}': the module has real numbers ({target.dtype}), "
                        + $"the source complex ones ({tensor.dtype}). Nothing was loaded.",
                        nameof(source));
                fitting.Add((target, tensor));
                loaded.Add(key);
            }
        }
        var met = loaded.Concat(mismatched.Select(m => m.Key)).ToHashSet();
        var report = new LoadReport(loaded, targets.Keys.Where(key => !met.Contains(key)).ToArray(), unexpected, mismatched);
        check(report);
        foreach (var (target, tensor) in fitting) target.copy_(tensor);
        return report;
    }
}

/// <summary>A tensor that the source has in another shape than the module.</summary>
public sealed record ShapeMismatch(string Key, IReadOnlyList<long> Expected, IReadOnlyList<long> Received)
{
    public override string ToString()
        => $"{Key}: the module has ({string.Join(", ", Expected)}), the source ({string.Join(", ", Received)})";
}

/// <summary>What a partial load did.</summary>
/// <param name="Loaded">Keys that were copied.</param>
/// <param name="Missing">Keys of the module that the source lacks: these weights are as they were.</param>
/// <param name="Unexpected">Keys of the source that the module lacks.</param>
/// <param name="Mismatched">Keys of both whose shapes differ: these weights are as they were.</param>
public sealed record LoadReport(
    IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected, IReadOnlyList<ShapeMismatch> Mismatched)
{
    /// <summary>Whether the module and the source had the same keys and shapes.</summary>
    public bool IsComplete => Missing.Count == 0 && Unexpected.Count == 0 && Mismatched.Count == 0;

    public override string ToString() => Text("loaded");

    internal string Text(string verb)
    {
        var text = new StringBuilder($"{Plural.Of(Loaded.Count, "tensor")} {verb}");
        Append("missing", Missing);
        Append("unexpected", Unexpected);
        Append("of another shape", Mismatched.Select(m => m.ToString()).ToArray());
        return text.ToString();

        void Append(string what, IReadOnlyList<string> items)
        {
            if (items.Count == 0) return;
            text.Append($"; {items.Count} {what}: {string.Join(", ", items.Take(5))}");
            if (items.Count > 5) text.Append($" and {items.Count - 5} more");
        }
    }
}
