using System;

namespace Hybrid.Algebra;

/// <summary>A size of more terms than arithmetic is done with.</summary>
public sealed class DimTooLargeException(string message) : OverflowException(message);
