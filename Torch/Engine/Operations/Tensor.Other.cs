using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: the rest.
    public partial class Tensor
    {
        [Aten("dequantize.self")] public partial Tensor dequantize();
        [Aten("int_repr")] public partial Tensor int_repr();
        [Aten("pin_memory")] public partial Tensor pin_memory();
        [Aten("q_per_channel_scales")] public partial Tensor q_per_channel_scales();
        [Aten("q_per_channel_zero_points")] public partial Tensor q_per_channel_zero_points();
        [Aten("set_.source_Tensor")] public partial Tensor set_(Tensor source);
        [Aten("to.other")] public partial Tensor to(Tensor other, bool non_blocking = false);
        [Aten("to_dense")] public partial Tensor to_dense();
        [Aten("to_sparse")] public partial Tensor to_sparse();
        [Aten("to_sparse.sparse_dim")] public partial Tensor to_sparse(int sparse_dim);
        [Aten("type_as")] public partial Tensor type_as(Tensor tensor);
        [Aten("is_conj")] public partial bool is_conj();
        [Aten("is_neg")] public partial bool is_neg();
        [Aten("is_nonzero")] public partial bool is_nonzero();
        [Aten("is_pinned")] public partial bool is_pinned();
        [Aten("q_scale")] public partial double q_scale();
        [Aten("q_per_channel_axis")] public partial long q_per_channel_axis();
        [Aten("q_zero_point")] public partial long q_zero_point();
    }
}
