using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Reflection;
using TorchSharp.Utils;

namespace TorchSharp;

public static class FieldInfoExtensionMethods
{
    /// <summary>The key under which the field's value is registered: its <see cref="ComponentNameAttribute"/>, else its name.</summary>
    public static string ComponentName(this FieldInfo field)
        => field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}

/// <summary>The fields of a module's type that may hold components. Read by reflection once for each type.</summary>
internal static class ComponentFields
{
    private static readonly ConcurrentDictionary<Type, (string Name, FieldInfo Field)[]> Known = new();

    /// <summary>Instance fields of <paramref name="type"/> and its bases below <see cref="torch.nn.Module"/>, a derived type's own first.</summary>
    public static (string Name, FieldInfo Field)[] Of(Type type) => Known.GetOrAdd(type, Read);

    private static (string, FieldInfo)[] Read(Type type)
    {
        var fields = new List<(string, FieldInfo)>();
        var seen = new HashSet<string>();
        for (var current = type; current is not null && current != typeof(torch.nn.Module); current = current.BaseType)
        {
            foreach (var field in current.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance))
            {
                if (MayHoldComponent(field.FieldType) && seen.Add(field.Name)) fields.Add((field.ComponentName(), field));
            }
        }
        return fields.ToArray();
    }

    private static bool MayHoldComponent(Type type)
        => !type.IsValueType && type != typeof(string) && !type.IsArray && !typeof(Delegate).IsAssignableFrom(type);
}
