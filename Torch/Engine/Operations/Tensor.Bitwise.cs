using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: bits and booleans.
    public partial class Tensor
    {
        [Aten("bitwise_and.Tensor")] public partial Tensor bitwise_and(Tensor other);
        [Aten("bitwise_and_.Tensor")] public partial Tensor bitwise_and_(Tensor other);
        [Aten("bitwise_left_shift.Tensor")] public partial Tensor bitwise_left_shift(Tensor other);
        [Aten("bitwise_left_shift_.Tensor")] public partial Tensor bitwise_left_shift_(Tensor other);
        [Aten("bitwise_not")] public partial Tensor bitwise_not();
        [Aten("bitwise_not_")] public partial Tensor bitwise_not_();
        [Aten("bitwise_or.Tensor")] public partial Tensor bitwise_or(Tensor other);
        [Aten("bitwise_or_.Tensor")] public partial Tensor bitwise_or_(Tensor other);
        [Aten("bitwise_right_shift.Tensor")] public partial Tensor bitwise_right_shift(Tensor other);
        [Aten("bitwise_right_shift_.Tensor")] public partial Tensor bitwise_right_shift_(Tensor other);
        [Aten("bitwise_xor.Tensor")] public partial Tensor bitwise_xor(Tensor other);
        [Aten("bitwise_xor_.Tensor")] public partial Tensor bitwise_xor_(Tensor other);
        [Aten("logical_and")] public partial Tensor logical_and(Tensor other);
        [Aten("logical_and_")] public partial Tensor logical_and_(Tensor other);
        [Aten("logical_not")] public partial Tensor logical_not();
        [Aten("logical_not_")] public partial Tensor logical_not_();
        [Aten("logical_or")] public partial Tensor logical_or(Tensor other);
        [Aten("logical_or_")] public partial Tensor logical_or_(Tensor other);
        [Aten("logical_xor")] public partial Tensor logical_xor(Tensor other);
        [Aten("logical_xor_")] public partial Tensor logical_xor_(Tensor other);
    }
}
