using System;

namespace TorchSharp.Utils;

/// <summary>Names the component that a module's field holds: its key in state dictionaries, instead of the field's own name.</summary>
public class ComponentNameAttribute : Attribute
{
    public string? Name { get; set; }
}
