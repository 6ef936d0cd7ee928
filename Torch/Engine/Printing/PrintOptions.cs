using System;
using System.Globalization;

namespace TorchSharp;

public enum TensorStringStyle
{
    /// <summary>Shape, type and device only.</summary>
    Metadata,
    Julia,
    Numpy,
    CSharp,

    /// <summary>The style set by <c>torch.TensorStringStyle</c>.</summary>
    Default,
}

public static partial class torch
{
    public static readonly TensorStringStyle csharp = TensorStringStyle.CSharp;
    public static readonly TensorStringStyle julia = TensorStringStyle.Julia;
    public static readonly TensorStringStyle numpy = TensorStringStyle.Numpy;

    private static TensorStringStyle s_style = TensorStringStyle.Julia;

    /// <summary>How tensors are written where no style is given.</summary>
    public static TensorStringStyle TensorStringStyle
    {
        get => s_style;
        set => s_style = value == TensorStringStyle.Default ? TensorStringStyle.Julia : value;
    }

    internal static string PrintFormat { get; private set; } = "g5";

    internal static int PrintWidth { get; private set; } = 100;

    internal static string PrintNewLine { get; private set; } = Environment.NewLine;

    internal static int PrintRows { get; private set; } = 6;

    internal static int PrintColumns { get; private set; } = 6;

    public static void set_printoptions(
        int precision, int? linewidth = null, string? newLine = null, bool sci_mode = false, int? maxRows = null, int? maxColumns = null) =>
        set_printoptions(null, (sci_mode ? "E" : "F") + precision.ToString(CultureInfo.InvariantCulture), linewidth, newLine, maxRows, maxColumns);

    public static void set_printoptions(
        TensorStringStyle? style = null, string? floatFormat = null, int? linewidth = null, string? newLine = null, int? maxRows = null, int? maxColumns = null)
    {
        TensorStringStyle = style ?? TensorStringStyle;
        PrintFormat = floatFormat ?? PrintFormat;
        PrintWidth = linewidth ?? PrintWidth;
        PrintNewLine = newLine ?? PrintNewLine;
        PrintRows = maxRows ?? PrintRows;
        PrintColumns = maxColumns ?? PrintColumns;
    }
}
