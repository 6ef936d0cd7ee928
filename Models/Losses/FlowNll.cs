using System;
using Hybrid;

namespace Hybrid.Models.Losses;

/// <summary>
/// −ln q of a normalising flow, the mean over the batch: what it maps to is normal, and the logarithms of its scales add up. Dinh et al.
/// 2017, eq. 2.
/// </summary>
[Loss(Dims = "B:batch, D")]
public partial class FlowNll
{
    /// <param name="normal">What the flow maps the targets to.</param>
    /// <param name="scales">ln of the derivative of each by its target, along a triangle.</param>
    [Spec]
    internal static Sym Value([Shape("B, D")] Sym normal, [Shape("B, D")] Sym scales)
        => (normal.Square() / 2 + Math.Log(2 * Math.PI) / 2 - scales).Sum(1).Mean();
}
