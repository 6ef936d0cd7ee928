using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: gathering, scattering, masking.
    public partial class Tensor
    {
        [Aten("argwhere")] public partial Tensor argwhere();
        [Aten("diagonal_scatter")] public partial Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1);
        [Aten("gather")] public partial Tensor gather(long dim, Tensor index);
        [Aten("index_add")] public partial Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha);
        [Aten("index_add_")] public partial Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha);
        [Aten("index_copy")] public partial Tensor index_copy(long dim, Tensor index, Tensor source);
        [Aten("index_copy_")] public partial Tensor index_copy_(long dim, Tensor index, Tensor source);
        [Aten("index_fill.int_Scalar")] public partial Tensor index_fill(long dim, Tensor index, Scalar value);
        [Aten("index_fill_.int_Scalar")] public partial Tensor index_fill_(long dim, Tensor index, Scalar value);
        [Aten("index_select")] public partial Tensor index_select(long dim, Tensor index);
        [Aten("masked_fill.Scalar")] public partial Tensor masked_fill(Tensor mask, Scalar value);
        [Aten("masked_fill_.Scalar")] public partial Tensor masked_fill_(Tensor mask, Scalar value);
        [Aten("masked_scatter")] public partial Tensor masked_scatter(Tensor mask, Tensor value);
        [Aten("masked_scatter_")] public partial Tensor masked_scatter_(Tensor mask, Tensor value);
        [Aten("masked_select")] public partial Tensor masked_select(Tensor mask);
        [Aten("nonzero")] public partial Tensor nonzero();
        [Aten("scatter.src")] public partial Tensor scatter(long dim, Tensor index, Tensor src);
        [Aten("scatter_.src")] public partial Tensor scatter_(long dim, Tensor index, Tensor src);
        [Aten("scatter_add")] public partial Tensor scatter_add(long dim, Tensor index, Tensor src);
        [Aten("scatter_add_")] public partial Tensor scatter_add_(long dim, Tensor index, Tensor src);
        [Aten("select_scatter")] public partial Tensor select_scatter(Tensor src, long dim, long index);
        [Aten("slice_scatter")] public partial Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1);
        [Aten("take")] public partial Tensor take(Tensor index);
        [Aten("take_along_dim")] public partial Tensor take_along_dim(Tensor indices);
        [Aten("take_along_dim")] public partial Tensor take_along_dim(Tensor indices, long dim);
    }
}
