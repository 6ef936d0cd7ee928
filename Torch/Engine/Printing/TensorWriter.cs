using System;
using System.Globalization;
using System.Linq;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Writes tensors as text in TorchSharp's styles, reading the elements once.</summary>
internal sealed class TensorWriter(Tensor tensor, string format, int width, CultureInfo culture, string newLine)
{
    private const string Ellipsis = "...";

    private readonly long[] _shape = tensor.shape;
    private readonly ScalarType _type = tensor.dtype;
    private readonly string[] _cells = Cells(tensor, format, culture);

    public static string Metadata(Tensor tensor) => $"[{string.Join("x", tensor.shape)}], type = {tensor.dtype}, device = {tensor.device}";

    /// <summary>Metadata, then matrices in columns; a matrix of a larger tensor under the indices that select it.</summary>
    public string Julia()
    {
        var text = new StringBuilder(Metadata(tensor));
        switch (_shape.Length)
        {
            case 0:
                text.Append(", value = ").Append(_cells[0]);
                break;
            case 1:
                text.Append(newLine);
                Matrix(text, 0, 1, (int)_shape[0]);
                break;
            default:
                var (rows, columns) = ((int)_shape[^2], (int)_shape[^1]);
                var matrices = rows * columns == 0 ? 0 : _cells.Length / (rows * columns);
                for (var m = 0; m < matrices; m++)
                {
                    if (_shape.Length > 2)
                    {
                        text.Append(newLine).Append('[').Append(string.Join(',', Indices(m))).Append(",..,..] =");
                    }

                    text.Append(newLine);
                    Matrix(text, m * rows * columns, rows, columns);
                }

                break;
        }

        return text.ToString();
    }

    /// <summary>Nested brackets; what exceeds the printed rows and columns is left out in the middle.</summary>
    public string Numpy()
    {
        var text = new StringBuilder();
        Nested(text, 0, 0, '[', ']', false);
        return text.ToString();
    }

    /// <summary>As Numpy, in braces and behind the element type, as C# writes arrays.</summary>
    public string CSharp()
    {
        var text = new StringBuilder();
        var name = _type switch
        {
            ScalarType.Byte => "byte",
            ScalarType.Int8 => "sbyte",
            ScalarType.Int16 => "short",
            ScalarType.Int32 => "int",
            ScalarType.Int64 => "long",
            ScalarType.Bool => "bool",
            ScalarType.Float32 => "float",
            ScalarType.Float64 => "double",
            ScalarType.Float16 => "float16",
            ScalarType.BFloat16 => "bfloat16",
            ScalarType.ComplexFloat32 => "complex32",
            _ => "complex64",
        };
        if (_shape.Length == 0)
        {
            return text.Append(name).Append(' ').Append(_cells[0]).Append(Suffix()).ToString();
        }

        if (_shape.Length > 1)
        {
            text.Append(newLine);
        }

        text.Append(name).Append(" [").Append(',', _shape.Length - 1).Append("] ");
        Nested(text, 0, 0, '{', '}', true);
        return text.ToString();
    }

    private static string[] Cells(Tensor tensor, string format, CultureInfo culture)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var here = tensor.detach().resolve_conj().resolve_neg().cpu();
        string Float(double v) => v.ToString(format, culture);
        string Complex(double re, double im, string r, string i) => im == 0 ? r : (re != 0 ? r + "+" : "") + i + "i";
        return here.dtype switch
        {
            ScalarType.Byte => Each<byte>(v => v.ToString(CultureInfo.InvariantCulture)),
            ScalarType.Int8 => Each<sbyte>(v => v.ToString(CultureInfo.InvariantCulture)),
            ScalarType.Int16 => Each<short>(v => v.ToString(CultureInfo.InvariantCulture)),
            ScalarType.Int32 => Each<int>(v => v.ToString(CultureInfo.InvariantCulture)),
            ScalarType.Int64 => Each<long>(v => v.ToString(CultureInfo.InvariantCulture)),
            ScalarType.Bool => Each<bool>(v => v.ToString(culture)),
            ScalarType.Float16 => Each<Half>(v => ((float)v).ToString(format, culture)),
            ScalarType.BFloat16 => Each<BFloat16>(v => v.ToSingle().ToString(format, culture)),
            ScalarType.Float32 => Each<float>(v => v.ToString(format, culture)),
            ScalarType.Float64 => Each<double>(Float),
            ScalarType.ComplexFloat32 => Each<(float, float)>(v => Complex(v.Item1, v.Item2, v.Item1.ToString(format, culture), v.Item2.ToString(format, culture))),
            ScalarType.ComplexFloat64 => Each<System.Numerics.Complex>(v => Complex(v.Real, v.Imaginary, Float(v.Real), Float(v.Imaginary))),
            var other => throw new NotSupportedException($"ToString: elements of type {other} have no text; dequantize() first."),
        };

        string[] Each<T>(Func<T, string> text) where T : unmanaged => Array.ConvertAll(here.data<T>().ToArray(), v => text(v));
    }

    private void Matrix(StringBuilder text, int start, int rows, int columns)
    {
        var shown = columns;
        for (var r = 0; r < rows; r++)
        {
            var left = width;
            for (var c = 0; c < shown; c++)
            {
                var length = _cells[start + (r * columns) + c].Length;
                if (left - length - Ellipsis.Length - 1 < 0)
                {
                    shown = c;
                }

                left -= length + 1;
            }
        }

        var widths = Enumerable.Range(0, shown).Select(c => Enumerable.Range(0, rows).Max(r => _cells[start + (r * columns) + c].Length)).ToArray();
        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < shown; c++)
            {
                text.Append(' ').Append(_cells[start + (r * columns) + c].PadLeft(widths[c]));
            }

            text.Append(shown < columns ? " " + Ellipsis : "").Append(newLine);
        }
    }

    private long[] Indices(long matrix)
    {
        var indices = new long[_shape.Length - 2];
        for (var d = indices.Length - 1; d >= 0; d--)
        {
            (matrix, indices[d]) = Math.DivRem(matrix, _shape[d]);
        }

        return indices;
    }

    private void Nested(StringBuilder text, int dim, int start, char open, char close, bool csharp)
    {
        if (dim == _shape.Length)
        {
            text.Append(_cells[start]).Append(csharp ? Suffix() : "");
            return;
        }

        var size = (int)_shape[dim];
        var stride = (int)_shape.Skip(dim + 1).Aggregate(1L, (a, b) => a * b);
        var last = dim == _shape.Length - 1;
        var most = last ? PrintColumns : PrintRows;
        var head = size <= most ? size : most - (most / 2);
        var separator = last ? ", " : (csharp ? "," : "") + string.Concat(Enumerable.Repeat(newLine, csharp ? 1 : _shape.Length - dim - 1)) + new string(' ', dim + 1);
        text.Append(open);
        for (var i = 0; i < size; i++)
        {
            if (i == head && size > most)
            {
                text.Append(last ? "... " : "..." + separator.TrimStart(','));
                i = size - (most / 2);
            }

            Nested(text, dim + 1, start + (i * stride), open, close, csharp);
            text.Append(i + 1 < size ? separator : "");
        }

        text.Append(close);
    }

    private string Suffix() => _type switch
    {
        ScalarType.Int64 => "L",
        ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 => "f",
        _ => "",
    };
}
