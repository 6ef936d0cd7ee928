using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Hybrid.PropertyTests.Engine.Api;

/// <summary>
/// Writes public and protected members the way ../shared/reference/torchsharp-0.107-api.txt does: fields and properties without their access
/// and without virtual, methods with both.
/// </summary>
internal static class MemberText
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Type type)
    {
        var owner = type.FullName!.Replace('+', '.');
        foreach (var line in Members(type))
        {
            yield return $"{owner} :: {line}";
        }
    }

    private static IEnumerable<string> Members(Type type)
    {
        yield return TypeLine(type);
        foreach (var field in type.GetFields(Declared).Where(f => f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly))
        {
            yield return $"FIELD {(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}";
        }

        foreach (var constructor in type.GetConstructors(Declared).Where(c => !c.IsStatic && Visible(c)))
        {
            yield return $"{Protected(constructor)}.ctor({Parameters(constructor)})";
        }

        foreach (var property in type.GetProperties(Declared))
        {
            var get = property.GetMethod is { } g && Visible(g) ? g : null;
            var set = property.SetMethod is { } s && Visible(s) ? s : null;
            if ((get ?? set) is not { } either)
            {
                continue;
            }

            var index = property.GetIndexParameters();
            var parameters = index.Length == 0 ? "" : $"[{string.Join(", ", index.Select(Parameter))}]";
            yield return $"{Protected(either)}{(either.IsStatic ? "static " : "")}{Name(property.PropertyType)} {property.Name}{parameters} {{ {(get is null ? "" : "get; ")}{(set is null ? "" : "set; ")}}}";
        }

        // An override adds nothing to what its base already offers.
        foreach (var method in type.GetMethods(Declared).Where(m => Visible(m) && m.GetBaseDefinition() == m && (!m.IsSpecialName || m.Name.StartsWith("op_", StringComparison.Ordinal))))
        {
            var generic = method.IsGenericMethodDefinition ? $"<{string.Join(",", method.GetGenericArguments().Select(a => a.Name))}>" : "";
            yield return $"{Protected(method)}{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
        }
    }

    private static string TypeLine(Type type)
    {
        var kind = type.IsInterface ? "interface" : type.IsEnum ? "enum" : type.IsValueType ? "struct" : "class";
        var modifiers = type.IsInterface || type.IsValueType ? "" : type.IsAbstract && type.IsSealed ? "static " : type.IsAbstract ? "abstract " : "";
        return $"TYPE {modifiers}{kind} : {(type.BaseType is null ? "" : Name(type.BaseType))}";
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Protected(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodBase method) =>
        method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var text = $"{(parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{Name(parameter.ParameterType)} {parameter.Name}";
        if (!parameter.HasDefaultValue)
        {
            return text;
        }

        return text + "=" + parameter.DefaultValue switch
        {
            null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null",
            bool b => b ? "true" : "false",
            string s => $"\"{s}\"",
            Enum e => Convert.ToInt64(e, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
    }

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Name(inner) + "?";
        }

        if (type.IsGenericType)
        {
            var arguments = string.Join(",", type.GetGenericArguments().Select(Name));
            return typeof(ITuple).IsAssignableFrom(type) && type.IsValueType ? $"({arguments})" : $"{type.Name[..Math.Max(type.Name.IndexOf('`'), 0)]}{(type.Name.Contains('`') ? "" : type.Name)}<{arguments}>";
        }

        return type == typeof(bool) ? "bool" : type == typeof(int) ? "int" : type == typeof(long) ? "long" : type == typeof(float) ? "float"
            : type == typeof(double) ? "double" : type == typeof(string) ? "string" : type == typeof(object) ? "object" : type == typeof(void) ? "void" : type.Name;
    }
}
