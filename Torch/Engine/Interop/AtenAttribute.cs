using System;

namespace Hybrid.Torch;

/// <summary>
/// Marks a partial method as one operation of libtorch, by the name its schema has, e.g. <c>add.Tensor</c>. The AtenGenerator project writes the
/// body; a test compares every marked method with libtorch's schema.
/// </summary>
/// <param name="name">Operation and overload, joined by a dot; without a dot, the overload with an empty name.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AtenAttribute(string name) : Attribute
{
    public string Name { get; } = name;

    /// <summary>The overload that writes into the parameter <c>out</c>.</summary>
    public string? Out { get; set; }
}
