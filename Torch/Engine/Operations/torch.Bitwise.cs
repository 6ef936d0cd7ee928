using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: bits and booleans.
public static partial class torch
{
    [Aten("bitwise_and.Tensor")] public static partial Tensor bitwise_and(Tensor left, Tensor right);
    [Aten("bitwise_and_.Tensor")] public static partial Tensor bitwise_and_(Tensor left, Tensor right);
    [Aten("bitwise_left_shift.Tensor")] public static partial Tensor bitwise_left_shift(Tensor left, Tensor right);
    [Aten("bitwise_left_shift_.Tensor")] public static partial Tensor bitwise_left_shift_(Tensor left, Tensor right);
    [Aten("bitwise_not")] public static partial Tensor bitwise_not(Tensor input);
    [Aten("bitwise_not_")] public static partial Tensor bitwise_not_(Tensor input);
    [Aten("bitwise_or.Tensor")] public static partial Tensor bitwise_or(Tensor left, Tensor right);
    [Aten("bitwise_or_.Tensor")] public static partial Tensor bitwise_or_(Tensor left, Tensor right);
    [Aten("bitwise_right_shift.Tensor")] public static partial Tensor bitwise_right_shift(Tensor left, Tensor right);
    [Aten("bitwise_right_shift_.Tensor")] public static partial Tensor bitwise_right_shift_(Tensor left, Tensor right);
    [Aten("bitwise_xor.Tensor")] public static partial Tensor bitwise_xor(Tensor left, Tensor right);
    [Aten("bitwise_xor_.Tensor")] public static partial Tensor bitwise_xor_(Tensor left, Tensor right);
    [Aten("logical_and")] public static partial Tensor logical_and(Tensor left, Tensor right);
    [Aten("logical_and_")] public static partial Tensor logical_and_(Tensor left, Tensor right);
    [Aten("logical_not")] public static partial Tensor logical_not(Tensor input);
    [Aten("logical_or")] public static partial Tensor logical_or(Tensor left, Tensor right);
    [Aten("logical_or_")] public static partial Tensor logical_or_(Tensor left, Tensor right);
    [Aten("logical_xor")] public static partial Tensor logical_xor(Tensor left, Tensor right);
    [Aten("logical_xor_")] public static partial Tensor logical_xor_(Tensor left, Tensor right);
}
