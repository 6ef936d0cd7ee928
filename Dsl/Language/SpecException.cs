using System;
using Hybrid.Graphs;

namespace Hybrid;

/// <summary>A spec that is wrong, met while tracing; the message is the diagnostic's.</summary>
public sealed class SpecException(Fault fault) : Exception(fault.ToString())
{
    public Fault Fault { get; } = fault;
}
