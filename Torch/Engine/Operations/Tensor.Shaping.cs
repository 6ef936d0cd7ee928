using System;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    // One line an operation: views, joins and splits.
    public partial class Tensor
    {
        [Aten("alias")] public partial Tensor alias();
        [Aten("align_as")] public partial Tensor align_as(Tensor other);
        [Aten("as_strided")] public partial Tensor as_strided(long[] size, long[] strides, long storageOffset = 0);
        [Aten("atleast_1d")] public partial Tensor atleast_1d();
        [Aten("atleast_2d")] public partial Tensor atleast_2d();
        [Aten("atleast_3d")] public partial Tensor atleast_3d();
        [Aten("broadcast_to")] public partial Tensor broadcast_to(params long[] shape);
        [Aten("channel_shuffle")] public partial Tensor channel_shuffle(long groups);
        [Aten("clone")] public partial Tensor clone();
        [Aten("contiguous")] public partial Tensor contiguous();
        [Aten("detach")] public partial Tensor detach();
        [Aten("detach_")] public partial Tensor detach_();
        [Aten("diag")] public partial Tensor diag(long diagonal = 0);
        [Aten("diag_embed")] public partial Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1);
        [Aten("diagflat")] public partial Tensor diagflat(long offset = 0);
        [Aten("diagonal")] public partial Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1);
        [Aten("expand")] public partial Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false);
        [Aten("expand")] public partial Tensor expand(long[] sizes, bool isImplicit = false);
        [Aten("expand")] public partial Tensor expand(params long[] sizes);
        [Aten("expand_as")] public partial Tensor expand_as(Tensor other);
        [Aten("flatten.using_ints")] public partial Tensor flatten(long start_dim = 0, long end_dim = -1);
        [Aten("flip")] public partial Tensor flip(params long[] dims);
        [Aten("fliplr")] public partial Tensor fliplr();
        [Aten("flipud")] public partial Tensor flipud();
        [Aten("moveaxis.intlist")] public partial Tensor moveaxis(long[] source, long[] destination);
        [Aten("movedim.intlist")] public partial Tensor movedim(long[] source, long[] destination);
        [Aten("narrow")] public partial Tensor narrow(long dim, long start, long length);
        [Aten("permute")] public partial Tensor permute(params long[] permutation);
        [Aten("ravel")] public partial Tensor ravel();
        [Aten("repeat")] public partial Tensor repeat(params long[] sizes);
        [Aten("repeat_interleave.self_Tensor")] public partial Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null);
        [Aten("repeat_interleave.self_int")] public partial Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null);
        [Aten("reshape")] public partial Tensor reshape(params long[] shape);
        [Aten("resolve_conj")] public partial Tensor resolve_conj();
        [Aten("resolve_neg")] public partial Tensor resolve_neg();
        [Aten("roll")] public partial Tensor roll((long,long) shifts, (long,long) dims);
        [Aten("roll")] public partial Tensor roll((long,long,long) shifts, (long,long,long) dims);
        [Aten("roll")] public partial Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default);
        [Aten("roll")] public partial Tensor roll(long[] shifts);
        [Aten("roll")] public partial Tensor roll(long[] shifts, long[] dims);
        [Aten("select.int")] public partial Tensor select(long dim, long index);
        [Aten("slice.Tensor")] public partial Tensor slice(long dim, long start, long finish, long step);
        [Aten("swapaxes")] public partial Tensor swapaxes(long dim0, long dim1);
        [Aten("swapdims")] public partial Tensor swapdims(long dim0, long dim1);
        [Aten("tile")] public partial Tensor tile(long[] reps);
        [Aten("transpose.int")] public partial Tensor transpose(long dim0, long dim1);
        [Aten("transpose_")] public partial Tensor transpose_(long dim0, long dim1);
        [Aten("tril")] public partial Tensor tril(long diagonal = 0);
        [Aten("tril_")] public partial Tensor tril_(long diagonal = 0);
        [Aten("triu")] public partial Tensor triu(long diagonal = 0);
        [Aten("triu_")] public partial Tensor triu_(long diagonal = 0);
        [Aten("unflatten.int")] public partial Tensor unflatten(long dim, params long[] sizes);
        [Aten("unfold")] public partial Tensor unfold(long dimension, long size, long step);
        [Aten("unsqueeze")] public partial Tensor unsqueeze(long dim);
        [Aten("unsqueeze_")] public partial Tensor unsqueeze_(long dim);
        [Aten("view")] public partial Tensor view(params long[] shape);
        [Aten("view_as")] public partial Tensor view_as(Tensor other);
        [Aten("view_as_complex")] public partial Tensor view_as_complex();
        [Aten("view_as_real")] public partial Tensor view_as_real();
        [Aten("chunk")] public partial Tensor[] chunk(long chunks, long dim = 0);
        [Aten("dsplit.array")] public partial Tensor[] dsplit((long,long) indices_or_sections);
        [Aten("dsplit.array")] public partial Tensor[] dsplit((long,long,long) indices_or_sections);
        [Aten("dsplit.array")] public partial Tensor[] dsplit((long,long,long,long) indices_or_sections);
        [Aten("dsplit.int")] public partial Tensor[] dsplit(long size);
        [Aten("dsplit.array")] public partial Tensor[] dsplit(params long[] sizes);
        [Aten("hsplit.int")] public partial Tensor[] hsplit(long size);
        [Aten("hsplit.array")] public partial Tensor[] hsplit(params long[] sizes);
        [Aten("split.sizes")] public partial Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0);
        [Aten("split.Tensor")] public partial Tensor[] split(long size, int dim = 0);
        [Aten("split.sizes")] public partial Tensor[] split(long[] sizes, long dim = 0);
        [Aten("split.sizes")] public partial Tensor[] split(params long[] sizes);
        [Aten("tensor_split.tensor_indices_or_sections")] public partial Tensor[] tensor_split(Tensor indices, long dim = 0);
        [Aten("tensor_split.sections")] public partial Tensor[] tensor_split(long size, long dim = 0);
        [Aten("tensor_split.indices")] public partial Tensor[] tensor_split(long[] sizes, long dim = 0);
        [Aten("unbind.int")] public partial Tensor[] unbind(long dimension = 0);
        [Aten("vsplit.int")] public partial Tensor[] vsplit(long size);
        [Aten("vsplit.array")] public partial Tensor[] vsplit(params long[] sizes);
        [Aten("block_diag")] public static partial Tensor block_diag(params Tensor[] tensors);
    }
}
