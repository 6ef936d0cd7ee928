using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Hybrid.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Engine.Schema;

/// <summary>One argument of a schema: <c>int[2] stride=1</c>.</summary>
internal sealed record SchemaArgument(string Type, string Name, string? Default)
{
    private bool IsOptional => Type.EndsWith('?');

    private string Kind => Regex.Replace(Type.TrimEnd('?'), @"\[\d+\]", "[]").Replace("SymInt", "int");

    public bool Accepts(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return IsOptional && new SchemaArgument(Type.TrimEnd('?'), Name, Default).Accepts(inner);
        }

        var sized = Regex.IsMatch(Type, @"\[\d+\]");
        return Kind switch
        {
            // A number becomes a wrapped number.
            "Tensor" => type == typeof(Tensor) || type == typeof(Scalar) || type == typeof(double) || type == typeof(long),
            "Scalar" => type == typeof(Scalar) || type == typeof(double) || type == typeof(float) || type == typeof(long) || type == typeof(int),
            // As values ScalarType, Layout and MemoryFormat are ints; Debian's schema prints them so in places.
            "int" => type == typeof(long) || type == typeof(int) || type == typeof(ScalarType) || type.IsEnum,
            "ScalarType" => type == typeof(ScalarType),
            "Layout" or "MemoryFormat" => type == typeof(long),
            "float" => type == typeof(double) || type == typeof(float) || type == typeof(long),
            "bool" => type == typeof(bool),
            "str" => type == typeof(string),
            "Device" => type == typeof(Device),
            "Generator" => type == typeof(Generator),
            "int[]" => type == typeof(long[]) || type == typeof(ReadOnlySpan<long>) || typeof(ITuple).IsAssignableFrom(type) || (sized && (type == typeof(long) || type == typeof(int))),
            "float[]" => type == typeof(double[]),
            "Tensor[]" or "Tensor?[]" => type == typeof(Tensor[]) || type == typeof(IList<Tensor>) || type == typeof(IEnumerable<Tensor>) || type == typeof(ReadOnlySpan<Tensor>),
            _ => false,
        };
    }

    public bool SameDefault(object? value)
    {
        var text = Default!;
        return value switch
        {
            null => text is "None" or "[]" || Regex.IsMatch(text, @"^(\[?0\]?|\[?1\]?|\[0, 0(, 0)?\]|\[1, 1(, 1)?\])$") || text == "None",
            bool b => text == (b ? "True" : "False"),
            Enum e => Convert.ToInt64(e, CultureInfo.InvariantCulture) == Number(text) || text is "Mean",
            double or float or int or long => Math.Abs(Convert.ToDouble(value, CultureInfo.InvariantCulture) - Number(text)) <= 1e-6 * Math.Abs(Number(text)),
            string s => text.Trim('"', '\'') == s,
            _ => false,
        };
    }

    private static double Number(string text) =>
        double.TryParse(text.Trim('[', ']').Split(',')[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}

/// <summary>A schema as libtorch prints it, taken apart.</summary>
internal sealed class OperatorSchema
{
    private readonly string _text;

    private OperatorSchema(string text)
    {
        _text = text;
        var plain = Regex.Replace(text, @"\([a-z]!?(\|[a-z])?( -> \*)?\)", "");
        var match = Regex.Match(plain, @"^aten::[\w.]+\((.*)\) -> (.*)$");
        Result = match.Groups[2].Value;
        Arguments = Split(match.Groups[1].Value).Where(a => a != "*").Select(Parse).ToList();
    }

    public IReadOnlyList<SchemaArgument> Arguments { get; }

    public string Result { get; }

    public static unsafe OperatorSchema Of(string name)
    {
        nint handle = 0;
        var dot = name.IndexOf('.');
        Dispatch.Resolve(ref handle, "aten::" + (dot < 0 ? name : name[..dot]), dot < 0 ? "" : name[(dot + 1)..]);
        var text = Native.hybrid_schema(handle);
        var schema = new OperatorSchema(Marshal.PtrToStringUTF8((nint)text)!);
        Native.hybrid_free((nint)text);
        return schema;
    }

    public bool Returns(Type type)
    {
        if (type == typeof(void))
        {
            return Result == "()";
        }

        if (type == typeof(Tensor))
        {
            return Result.Split(' ')[0] == "Tensor";
        }

        if (typeof(ITuple).IsAssignableFrom(type))
        {
            return Result.StartsWith('(') && Split(Result[1..^1]).Count == type.GetGenericArguments().Length;
        }

        return Result == (type == typeof(Tensor[]) || type == typeof(IList<Tensor>) ? "Tensor[]" : type == typeof(long) ? "int" : type == typeof(double) ? "float" : "bool");
    }

    public override string ToString() => _text;

    private static SchemaArgument Parse(string text)
    {
        var match = Regex.Match(text, @"^(\S+) (\w+)(?:=(.*))?$");
        return new SchemaArgument(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Success ? match.Groups[3].Value : null);
    }

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                if (i > start)
                {
                    parts.Add(text[start..i].Trim());
                }

                start = i + 1;
            }
            else if (text[i] is '(' or '[')
            {
                depth++;
            }
            else if (text[i] is ')' or ']')
            {
                depth--;
            }
        }

        return parts;
    }
}
