namespace Hybrid;

/// <summary>
/// Whose noise a generated ensemble's members have in training: that of dropout, stochastic depth and attention's dropout.
/// </summary>
public enum MemberNoise
{
    /// <summary>Each member draws its own, as networks trained one by one do. The default.</summary>
    PerMember,

    /// <summary>
    /// All have what one network would draw (common random numbers), so that members differ by their weights alone: for finite differences
    /// over weights, or to compare settings. Members that see the same batch are then correlated, which a deep ensemble should not have.
    /// </summary>
    Shared,
}
