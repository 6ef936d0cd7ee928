namespace Hybrid;

/// <summary>What an operation takes that computes with tensors and with numbers: <c>label.EqualTo(7)</c>, <c>a.EqualTo(b)</c>.</summary>
public readonly struct Operand
{
    private Operand(Sym? tensor, double number) => Given = tensor is null ? number : tensor;

    /// <summary>A <see cref="Sym"/> or a double; null for <c>default</c>.</summary>
    internal object? Given { get; }

    public static implicit operator Operand(Sym tensor) => new(tensor, 0);

    public static implicit operator Operand(double number) => new(null, number);
}
