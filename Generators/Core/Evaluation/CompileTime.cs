using System;

namespace Hybrid.Generators.Evaluation;

/// <summary>C#'s arithmetic on the values that a spec computes while it is read: int, long, double, bool and string.</summary>
internal static class CompileTime
{
    /// <summary>
    /// The operands' result, or null with the reason in <paramref name="problem"/> (null when the types have no such operator).
    /// </summary>
    public static object? Binary(string op, object? left, object? right, out string? problem)
    {
        problem = null;
        try
        {
            switch (left, right)
            {
                case (string or null, string or null) when op is "==" or "!=":
                    return Equals(left, right) == (op == "==");
                case (string a, _) when op == "+":
                    return a + Text(right);
                case (_, string b) when op == "+":
                    return Text(left) + b;
                case (bool a, bool b):
                    return Logic(op, a, b);
                case (int a, int b):
                    return Integers(op, a, b);
                case (int or long, int) when op is "<<" or ">>":
                    return op == "<<" ? Convert.ToInt64(left) << (int)right! : Convert.ToInt64(left) >> (int)right!;
                case (int or long, int or long):
                    return Longs(op, Convert.ToInt64(left), Convert.ToInt64(right));
                case (int or long or double, int or long or double):
                    return Reals(op, Convert.ToDouble(left), Convert.ToDouble(right));
                default:
                    return null;
            }
        }
        catch (OverflowException)
        {
            problem = $"{Text(left)} {op} {Text(right)} does not fit in {(left is long || right is long ? "long" : "int")}";
            return null;
        }
        catch (DivideByZeroException)
        {
            problem = $"{Text(left)} {op} {Text(right)} divides by zero";
            return null;
        }
    }

    public static object? Unary(string op, object? operand) => (op, operand) switch
    {
        ("-", int i) when i != int.MinValue => -i,
        ("-", long l) when l != long.MinValue => -l,
        ("-", double d) => -d,
        ("+", int or long or double) => operand,
        ("!", bool b) => !b,
        _ => null,
    };

    public static object? Cast(string type, object? operand) => (type, operand) switch
    {
        ("int", int) => operand,
        ("int", long l) when l is >= int.MinValue and <= int.MaxValue => (int)l,
        ("int", double d) when d is > int.MinValue and < int.MaxValue => (int)d,
        ("long", int or long) => Convert.ToInt64(operand),
        ("long", double d) when d is > long.MinValue and < long.MaxValue => (long)d,
        ("double", int or long or double) => Convert.ToDouble(operand),
        ("float", int or long or double) => (double)Convert.ToSingle(operand),
        _ => null,
    };

    /// <summary>The functions of <see cref="System.Math"/> that a spec may call, for a message.</summary>
    public const string Functions = "Abs, Ceiling, Clamp, Cos, Exp, Floor, Log, Log2, Log10, Max, Min, Pow, Round, Sign, Sin, Sqrt, Tan";

    /// <summary>Whether C# has <c>Math.name</c> give a double: of any numbers, or where one of them is a double.</summary>
    public static bool GivesReal(string name, bool isReal)
        => name is "Cos" or "Exp" or "Log" or "Log2" or "Log10" or "Pow" or "Sin" or "Sqrt" or "Tan"
            || (isReal && name is "Abs" or "Max" or "Min");

    /// <summary>
    /// <c>Math.name</c> of numbers, with C#'s choice between int, long and double; null where there is no such function.
    /// </summary>
    public static object? Math(string name, System.Collections.Generic.IReadOnlyList<object> given)
    {
        if (name is "Abs" or "Max" or "Min" or "Clamp" or "Sign")
        {
            var isReal = false;
            var isLong = false;
            foreach (var number in given)
            {
                isReal |= number is double;
                isLong |= number is long;
            }
            object Typed(double value) => isReal ? value : isLong && name != "Sign" ? (long)value : (object)(int)value;
            double Of(int n) => Convert.ToDouble(given[n]);
            return (name, given.Count) switch
            {
                ("Abs", 1) => Typed(System.Math.Abs(Of(0))),
                ("Sign", 1) => System.Math.Sign(Of(0)),
                ("Max", 2) => Typed(System.Math.Max(Of(0), Of(1))),
                ("Min", 2) => Typed(System.Math.Min(Of(0), Of(1))),
                ("Clamp", 3) when Of(1) <= Of(2) => Typed(System.Math.Min(System.Math.Max(Of(0), Of(1)), Of(2))),
                _ => null,
            };
        }
        double X(int n) => Convert.ToDouble(given[n]);
        return (name, given.Count) switch
        {
            ("Ceiling", 1) => System.Math.Ceiling(X(0)),
            ("Cos", 1) => System.Math.Cos(X(0)),
            ("Exp", 1) => System.Math.Exp(X(0)),
            ("Floor", 1) => System.Math.Floor(X(0)),
            ("Log", 1) => System.Math.Log(X(0)),
            ("Log", 2) => System.Math.Log(X(0), X(1)),
            // .NET's Log2 is exact for powers of two.
            ("Log2", 1) => Log2(X(0)),
            ("Log10", 1) => System.Math.Log10(X(0)),
            ("Pow", 2) => System.Math.Pow(X(0), X(1)),
            ("Round", 1) => System.Math.Round(X(0)),
            ("Round", 2) when given[1] is int and >= 0 and <= 15 => System.Math.Round(X(0), (int)given[1]),
            ("Sin", 1) => System.Math.Sin(X(0)),
            ("Sqrt", 1) => System.Math.Sqrt(X(0)),
            ("Tan", 1) => System.Math.Tan(X(0)),
            _ => null,
        };
    }

    private static double Log2(double x)
    {
        var log = System.Math.Log(x, 2);
        var whole = System.Math.Round(log);
        return System.Math.Pow(2, whole) == x ? whole : log;
    }

    /// <summary>A value as a message or an interpolated string writes it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "",
        IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static object? Integers(string op, int a, int b) => op switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" => checked(a / b),
        "%" => b == -1 ? 0 : a % b,
        "<<" => a << b,
        ">>" => a >> b,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        _ => Compared(op, a.CompareTo(b)),
    };

    private static object? Longs(string op, long a, long b) => op switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" => checked(a / b),
        "%" => b == -1 ? 0L : a % b,
        "&" => a & b,
        "|" => a | b,
        "^" => a ^ b,
        _ => Compared(op, a.CompareTo(b)),
    };

    private static object? Reals(string op, double a, double b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "==" => a == b,
        "!=" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        ">=" => a >= b,
        _ => null,
    };

    private static object? Logic(string op, bool a, bool b) => op switch
    {
        "&&" or "&" => a && b,
        "||" or "|" => a || b,
        "==" => a == b,
        "!=" or "^" => a != b,
        _ => null,
    };

    private static object? Compared(string op, int order) => op switch
    {
        "==" => order == 0,
        "!=" => order != 0,
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        ">=" => order >= 0,
        _ => null,
    };
}
