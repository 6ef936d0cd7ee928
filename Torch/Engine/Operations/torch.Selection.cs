using Hybrid.Torch;

namespace TorchSharp;

// One line an operation: gathering, scattering, masking.
public static partial class torch
{
    [Aten("argwhere")] public static partial Tensor argwhere(Tensor input);
    [Aten("diagonal_scatter")] public static partial Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1);
    [Aten("gather")] public static partial Tensor gather(Tensor input, long dim, Tensor index);
    [Aten("gather")] public static partial Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false);
    [Aten("index_add")] public static partial Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha);
    [Aten("index_add_")] public static partial Tensor index_add_(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha);
    [Aten("index_copy")] public static partial Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source);
    [Aten("index_copy_")] public static partial Tensor index_copy_(Tensor input, long dim, Tensor index, Tensor source);
    [Aten("index_fill.int_Scalar")] public static partial Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value);
    [Aten("index_fill_.int_Scalar")] public static partial Tensor index_fill_(Tensor input, long dim, Tensor index, Scalar value);
    [Aten("index_select")] public static partial Tensor index_select(Tensor input, long dim, Tensor index);
    [Aten("masked_select")] public static partial Tensor masked_select(Tensor input, Tensor mask);
    [Aten("nonzero")] public static partial Tensor nonzero(Tensor input);
    [Aten("scatter.src")] public static partial Tensor scatter(Tensor input, long dim, Tensor index, Tensor src);
    [Aten("scatter_.src")] public static partial Tensor scatter_(Tensor input, long dim, Tensor index, Tensor src);
    [Aten("scatter_add")] public static partial Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src);
    [Aten("scatter_add_")] public static partial Tensor scatter_add_(Tensor input, long dim, Tensor index, Tensor src);
    [Aten("select_scatter")] public static partial Tensor select_scatter(Tensor input, Tensor src, long dim, long index);
    [Aten("slice_scatter")] public static partial Tensor slice_scatter(Tensor input, Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1);
    [Aten("take")] public static partial Tensor take(Tensor input, Tensor index);
    [Aten("take_along_dim")] public static partial Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0);
    [Aten("where.self")] public static partial Tensor where(Tensor condition, Tensor x, Tensor y);
    [Aten("where")] public static partial Tensor[] where(Tensor condition);
}
