namespace Hybrid.Models.Training;

/// <summary>Why a fit ended.</summary>
public enum StopReason
{
    /// <summary>No better metric for as long as patience allows.</summary>
    Patience,

    /// <summary>The most iterations, steps or epochs were done.</summary>
    MaxIterations,

    /// <summary>The caller cancelled; what was reached is kept.</summary>
    Cancelled,

    /// <summary>A callback asked for the end; what was reached is kept.</summary>
    Requested,
}
