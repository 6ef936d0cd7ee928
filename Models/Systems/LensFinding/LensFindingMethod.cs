using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Systems.LensFinding;

/// <summary>What a lens finder is trained by.</summary>
public enum LensFindingMethod
{
    /// <summary>Labelled simulations alone: the baseline.</summary>
    SourceOnly,

    /// <summary>The baseline with batch statistics of the target.</summary>
    AdaBn,

    /// <summary>Maximum mean discrepancy of features.</summary>
    Mmd,

    /// <summary>Covariances of features.</summary>
    Coral,

    /// <summary>Reversed gradients of a discriminator.</summary>
    Dann,

    /// <summary>A critic's Wasserstein distance of features.</summary>
    Wdgrl,

    /// <summary>A discriminator and a target encoder of its own.</summary>
    Adda,

    /// <summary>A teacher of averaged weights.</summary>
    SelfEnsembling,

    /// <summary>Aligned pseudo-labels.</summary>
    AdaMatch,

    /// <summary>Labelled target images: the upper bound.</summary>
    Supervised,
}

/// <summary>Methods by the names that commands and reports use.</summary>
public static class LensFindingMethods
{
    private static readonly (LensFindingMethod Method, string Name)[] _names =
    [
        (LensFindingMethod.SourceOnly, "source-only"), (LensFindingMethod.AdaBn, "adabn"), (LensFindingMethod.Mmd, "mmd"),
        (LensFindingMethod.Coral, "coral"), (LensFindingMethod.Dann, "dann"), (LensFindingMethod.Wdgrl, "wdgrl"),
        (LensFindingMethod.Adda, "adda"), (LensFindingMethod.SelfEnsembling, "self-ensembling"),
        (LensFindingMethod.AdaMatch, "adamatch"), (LensFindingMethod.Supervised, "supervised"),
    ];

    /// <summary>All, the baseline first and the upper bound last.</summary>
    public static IReadOnlyList<LensFindingMethod> All { get; } = _names.Select(entry => entry.Method).ToArray();

    /// <summary>The method's name, such as self-ensembling.</summary>
    public static string NameOf(LensFindingMethod method) => _names.First(entry => entry.Method == method).Name;

    /// <summary>A method by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static LensFindingMethod Named(string name)
    {
        foreach (var (method, known) in _names)
        {
            if (known == name) return method;
        }
        throw new ArgumentException($"method: expected one of {string.Join(", ", _names.Select(entry => entry.Name))}, got '{name}'.");
    }

    /// <summary>Whether labels of the target are used.</summary>
    public static bool IsSupervised(LensFindingMethod method) => method == LensFindingMethod.Supervised;

    /// <summary>Whether it begins with the trained baseline.</summary>
    public static bool BeginsWithBaseline(LensFindingMethod method) => method is LensFindingMethod.AdaBn or LensFindingMethod.Adda;
}
