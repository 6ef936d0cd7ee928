using System;
using System.IO;

namespace TorchSharp;

// One tensor in TorchSharp's own binary form; see DatFormat.
public static partial class TensorExtensionMethods
{
    public static void Save(this torch.Tensor tensor, BinaryWriter writer) => DatFormat.WriteTensor(writer, tensor);

    public static void Save(this torch.Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    public static void Save(this torch.Tensor tensor, string location) => tensor.Save(File.Create(location));

    /// <summary>Reads into a tensor of the same type and shape; with <paramref name="skip"/> passes over the stored one.</summary>
    public static void Load(this torch.Tensor tensor, BinaryReader reader, bool skip = false)
    {
        if (skip)
        {
            DatFormat.Skip(reader, "tensor");
        }
        else
        {
            DatFormat.ReadInto(reader, tensor, "tensor");
        }
    }

    public static torch.Tensor Load(BinaryReader reader, bool skip = false)
    {
        var tensor = DatFormat.ReadTensor(reader, "tensor");
        return skip ? tensor.zero_() : tensor;
    }

    public static void Load(ref torch.Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        if (tensor is null)
        {
            tensor = Load(reader, skip);
        }
        else
        {
            tensor.Load(reader, skip);
        }
    }
}

public static partial class torch
{
    public partial class Tensor
    {
        public static Tensor Load(BinaryReader reader) => TensorExtensionMethods.Load(reader);

        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream);
            return Load(reader);
        }

        public static Tensor Load(string location) => Load(File.OpenRead(location));
    }
}
