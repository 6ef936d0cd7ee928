using System.IO;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimiser remembers of one parameter.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter)
    {
        _parameter = parameter;
    }

    public abstract void Initialize(OptimizerOptions options);

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public virtual void to(Device device) { }

    /// <summary>A presence byte, then the tensor.</summary>
    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        if (tensor is not null) DatFormat.WriteTensor(writer, tensor);
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        result?.Dispose();
        result = reader.ReadBoolean() ? Kept(DatFormat.ReadTensor(reader, "optimizer state"), device) : null;
    }

    private static Tensor Kept(Tensor read, Device device)
    {
        if (device.type == DeviceType.CPU) return read.DetachFromDisposeScope();
        using (read) return read.to(device).DetachFromDisposeScope();
    }

    private protected static Tensor ZerosLike(Tensor tensor)
    {
        using var _ = no_grad();
        return zeros_like(tensor).DetachFromDisposeScope();
    }

    /// <summary>Replaces a state tensor by a copy of another one on the parameter's device.</summary>
    private protected void Copy(Tensor? source, ref Tensor? target)
    {
        using var _ = no_grad();
        var copy = source?.to(_parameter.device, copy: true).DetachFromDisposeScope();
        target?.Dispose();
        target = copy;
    }

    private protected static void Move(ref Tensor? tensor, Device device)
    {
        if (tensor is null) return;
        var moved = tensor.to(device);
        if (ReferenceEquals(moved, tensor)) return;
        tensor.Dispose();
        tensor = moved.DetachFromDisposeScope();
    }

    private protected static void Read(BinaryReader reader, Tensor target) => DatFormat.ReadInto(reader, target, "optimizer state");

    private protected static bool Close(Tensor? a, Tensor? b) => a is null || b is null ? a is null && b is null : a.allclose(b);
}
