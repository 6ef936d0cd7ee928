using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.PropertyTests.Engine.Oracles;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Hybrid.PropertyTests.Engine.Modules;

/// <summary>State dictionaries and TorchSharp's .dat files.</summary>
public class StateFileTests
{
    private static byte[] Saved(Module module, IList<string>? skip = null)
    {
        using var stream = new MemoryStream();
        module.save(stream, skip);
        return stream.ToArray();
    }

    private static Dictionary<string, string> Digests(Module module) => module.state_dict().ToDictionary(p => p.Key, p => SameNumbers.Digest(p.Value));

    [Fact]
    public void SavedNetwork_LoadsBitForBit()
    {
        using var scope = NewDisposeScope();
        using var a = new SmallResNet();
        a.call(randn(4, 3, 8, 8)); // running statistics that differ from their start
        using var b = new SmallResNet();
        Assert.NotEqual(Digests(a), Digests(b));
        var bytes = Saved(a);
        var loaded = new Dictionary<string, bool>();
        b.load(new MemoryStream(bytes), loadedParameters: loaded);
        Assert.Equal(Digests(a), Digests(b));
        Assert.Equal(a.state_dict().Keys, loaded.Keys);
        Assert.All(loaded.Values, Assert.True);
        Assert.Equal(bytes, Saved(b));
    }

    [Fact]
    public void DatFile_HasTorchSharpsBytes()
    {
        using var scope = NewDisposeScope();
        using var module = Linear(Parameter(tensor(new[] { 1.5f, -2f, 0.25f, 4f, 5f, 6f }, [2, 3])), Parameter(tensor(new[] { 7f, 8f })));
        using var expected = new MemoryStream();
        var writer = new BinaryWriter(expected);
        writer.Write((byte)2); // entries
        writer.Write("weight"); // length 6 and the letters
        writer.Write((byte)6); // ScalarType.Float32
        writer.Write([(byte)2, 2, 3]); // rank, sizes
        foreach (var x in new[] { 1.5f, -2f, 0.25f, 4f, 5f, 6f }) writer.Write(x);
        writer.Write("bias");
        writer.Write([(byte)6, 1, 2]);
        writer.Write(7f);
        writer.Write(8f);
        Assert.Equal(expected.ToArray(), Saved(module));
    }

    [Fact]
    public void Numbers_AreLeb128()
        => Check.One(Seeded.Cases(100), Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt>(), Gen.Choose(0, 31).ToArbitrary(), (NonNegativeInt seed, int shift) =>
        {
            var number = (long)seed.Get << shift;
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            DatFormat.WriteNumber(writer, number);
            var bytes = stream.ToArray();
            Assert.Equal(Math.Max(1, (64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)number) + 6) / 7), bytes.Length);
            stream.Position = 0;
            Assert.Equal(number, DatFormat.ReadNumber(new BinaryReader(stream), "number"));
        }));

    [Fact]
    public void PartialLoad_TakesTheCommonKeysAndSaysWhich()
    {
        using var scope = NewDisposeScope();
        using var source = Sequential(("a", Linear(3, 2)), ("b", Linear(2, 2)));
        using var target = Sequential(("a", Linear(3, 2)), ("c", Linear(2, 2)));
        var untouched = SameNumbers.Digest(target.get_parameter("c.weight")!);
        var loaded = new Dictionary<string, bool>();
        target.load(new MemoryStream(Saved(source)), strict: false, loadedParameters: loaded);
        Assert.Equal(new() { ["a.weight"] = true, ["a.bias"] = true, ["b.weight"] = false, ["b.bias"] = false }, loaded);
        Assert.Equal(SameNumbers.Digest(source.get_parameter("a.weight")!), SameNumbers.Digest(target.get_parameter("a.weight")!));
        Assert.Equal(untouched, SameNumbers.Digest(target.get_parameter("c.weight")!));
        var (missing, unexpected) = target.load_state_dict(source.state_dict(), strict: false);
        Assert.Equal(["c.weight", "c.bias"], missing);
        Assert.Equal(["b.weight", "b.bias"], unexpected);
    }

    [Fact]
    public void Skip_LeavesKeysAlone()
    {
        using var scope = NewDisposeScope();
        using var source = Linear(3, 2);
        using var target = Linear(3, 2);
        var before = SameNumbers.Digest(target.bias!);
        target.load(new MemoryStream(Saved(source)), skip: ["bias"]);
        Assert.Equal(before, SameNumbers.Digest(target.bias!));
        Assert.Equal(SameNumbers.Digest(source.weight), SameNumbers.Digest(target.weight));
        target.load(new MemoryStream(Saved(source, skip: ["weight"])), strict: false);
        Assert.Equal(SameNumbers.Digest(source.bias!), SameNumbers.Digest(target.bias!));
    }

    [Fact]
    public void WrongStates_AreNamedAndChangeNothing()
    {
        using var scope = NewDisposeScope();
        using var module = Linear(3, 2);
        var before = Digests(module);
        var other = Sequential(("x", Linear(3, 2)));
        Assert.Equal(
            "Linear.load_state_dict: the keys differ. Missing from the source: 'weight', 'bias'. Unknown to the module: 'x.weight', 'x.bias'. Pass strict: false to load the common ones.",
            Assert.Throws<InvalidOperationException>(() => module.load_state_dict(other.state_dict())).Message);
        Assert.StartsWith("Linear.load_state_dict: 'bias' has shape (2), the source's has (3).",
            Assert.Throws<ArgumentException>(() => module.load_state_dict(new() { ["weight"] = zeros(2, 3), ["bias"] = zeros(3) })).Message);
        Assert.Equal("Linear.load: the file has 'x.weight', the module has no such entry. Pass strict: false to load the common ones.",
            Assert.Throws<ArgumentException>(() => module.load(new MemoryStream(Saved(other)))).Message);
        Assert.Equal("Linear.load: the module's state has 2 entries, the file 6. Pass strict: false to load the common ones.",
            Assert.Throws<ArgumentException>(() => module.load(new MemoryStream(Saved(Sequential(Linear(1, 1), Linear(1, 1), Linear(1, 1)))))).Message);
        Assert.Equal("'weight': the module has shape (2, 3), the file (3, 2).", Assert.Throws<ArgumentException>(() => module.load(new MemoryStream(Saved(Linear(2, 3))))).Message);
        Assert.Equal("'weight': the module has dtype Float32, the file Float64. Convert the module with to(Float64) before loading.",
            Assert.Throws<ArgumentException>(() => module.load(new MemoryStream(Saved(Linear(3, 2).to(ScalarType.Float64))))).Message);
        Assert.Throws<FileNotFoundException>(() => module.load("no such file.dat"));
        Assert.Equal(before, Digests(module));
    }

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        using var scope = NewDisposeScope();
        using var module = Linear(3, 2);
        var bytes = Saved(module);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.ThrowsAny<InvalidDataException>(() => module.load(new MemoryStream(cut)));
        }
    }

    [Fact]
    public void DamagedFiles_NeverEndTheProcess()
        => Check.One(Seeded.Cases(100), Prop.ForAll(Gen.Choose(0, 55).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (int place, int value) =>
        {
            using var scope = NewDisposeScope();
            using var module = Linear(3, 2);
            var bytes = Saved(module);
            bytes[place % bytes.Length] = (byte)value;
            try
            {
                module.load(new MemoryStream(bytes), strict: false);
            }
            catch (Exception e) when (e is InvalidDataException or ArgumentException or DecoderFallbackException)
            {
            }
        }));

    [Fact]
    public void TensorsOfEveryDtypeAndLayout_AreKept()
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Bool, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float64 })
        {
            using var a = new Holder(randn(4, 3).mul(10).to(dtype).t());
            using var b = new Holder(zeros([3, 4], dtype));
            b.load(new MemoryStream(Saved(a)));
            Assert.True(a.value.eq(b.value).all().item<bool>(), $"{dtype} changed");
        }
    }

    [Fact]
    public void OneTensor_SavesAndLoads()
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            var a = randn(3, 4).t();
            using (var file = File.Create(path)) a.Save(file);
            using (var file = File.OpenRead(path)) Assert.Equal(SameNumbers.Digest(a), SameNumbers.Digest(Tensor.Load(file)));
            using var reader = new BinaryReader(File.OpenRead(path));
            var b = zeros(4, 3);
            b.Load(reader);
            Assert.Equal(SameNumbers.Digest(a), SameNumbers.Digest(b));
            reader.BaseStream.Position = 0;
            Assert.Equal(0, TensorExtensionMethods.Load(reader, skip: true).abs().sum().item<float>());
            Assert.Equal(reader.BaseStream.Length, reader.BaseStream.Position);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void PromisesOfHugeTensors_TakeNoMemory()
    {
        using var stream = new MemoryStream();
        var writer = new BinaryWriter(stream);
        DatFormat.WriteNumber(writer, (long)ScalarType.Float32);
        DatFormat.WriteNumber(writer, 2);
        DatFormat.WriteNumber(writer, 1L << 40);
        DatFormat.WriteNumber(writer, 8);
        stream.Position = 0;
        var error = Assert.Throws<InvalidDataException>(() => TensorExtensionMethods.Load(new BinaryReader(stream)));
        Assert.Equal("'tensor': expected 35184372088832 bytes of data, the file ends after 0", error.Message);
    }

    private sealed class Holder : Module
    {
        public Tensor value;

        public Holder(Tensor value) : base(nameof(Holder))
        {
            this.value = value;
            RegisterComponents();
        }
    }
}
