using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Hybrid;

/// <summary>How a weight starts. The default is what PyTorch does for that layer.</summary>
public readonly record struct Init
{
    private Init(string scheme, double scale) => (Scheme, Scale) = (scheme, scale);

    /// <summary>Name of the scheme; null is PyTorch's own choice for the layer.</summary>
    public string? Scheme { get; }

    /// <summary>The scheme's number: a standard deviation, a bound or a constant; 0 where it has none.</summary>
    public double Scale { get; }

    /// <summary>PyTorch's own initialisation of the layer.</summary>
    public static Init Default => default;

    /// <summary>N(0, 2/(fan_in + fan_out)). Glorot and Bengio 2010.</summary>
    public static Init GlorotNormal => new(nameof(GlorotNormal), 0);

    /// <summary>U(±√(6/(fan_in + fan_out))). Glorot and Bengio 2010.</summary>
    public static Init GlorotUniform => new(nameof(GlorotUniform), 0);

    /// <summary>N(0, 2/fan_in), for ReLU. He et al. 2015.</summary>
    public static Init KaimingNormal => new(nameof(KaimingNormal), 0);

    /// <summary>U(±√(6/fan_in)), for ReLU. He et al. 2015.</summary>
    public static Init KaimingUniform => new(nameof(KaimingUniform), 0);

    public static Init Zeros => new(nameof(Zeros), 0);

    public static Init Ones => new(nameof(Ones), 0);

    /// <summary>N(0, std²).</summary>
    public static Init Normal(double std) => new(nameof(Normal), std);

    /// <summary>U(−bound, bound).</summary>
    public static Init Uniform(double bound) => new(nameof(Uniform), bound);

    /// <summary>Every entry equal to <paramref name="value"/>.</summary>
    public static Init Constant(double value) => new(nameof(Constant), value);

    /// <summary>The members a spec may write after <c>Init.</c>, with whether they take a number.</summary>
    public static IReadOnlyDictionary<string, bool> Members { get; } = new Dictionary<string, bool>(StringComparer.Ordinal)
    {
        [nameof(Default)] = false,
        [nameof(GlorotNormal)] = false,
        [nameof(GlorotUniform)] = false,
        [nameof(KaimingNormal)] = false,
        [nameof(KaimingUniform)] = false,
        [nameof(Zeros)] = false,
        [nameof(Ones)] = false,
        [nameof(Normal)] = true,
        [nameof(Uniform)] = true,
        [nameof(Constant)] = true,
    };

    /// <summary>The value of <c>Init.member</c> or <c>Init.member(number)</c>, as a reader of syntax meets it.</summary>
    public static bool TryRead(string member, double? number, out Init init)
    {
        init = default;
        if (!Members.TryGetValue(member, out var takesNumber) || takesNumber != number.HasValue) return false;
        if (member != nameof(Default)) init = new Init(member, number ?? 0);
        return true;
    }

    public override string ToString()
        => Scheme is null ? "Init.Default"
            : Members[Scheme] ? $"Init.{Scheme}({Scale.ToString("R", CultureInfo.InvariantCulture)})"
            : $"Init.{Scheme}";
}
