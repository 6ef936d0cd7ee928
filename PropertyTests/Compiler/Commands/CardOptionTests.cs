using System;
using System.IO;
using Hybrid.Models.Weights;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Commands;

/// <summary>Options of ./hybrid card through the real process.</summary>
public sealed class CardOptionTests
{
    [Fact]
    public void ACard_IsOfTheNetworkAndSizesThatAreNamed_AndWritesItsLockAndWeights()
    {
        using var sample = new SampleFolder("hybrid-card.dll");
        string[] network = ["MeanVariance", "--assembly", typeof(Zoo.Mlp).Assembly.Location, "--param", "hidden=9"];
        Assert.StartsWith("flowchart", sample.Ok([.. network, "--mermaid"]), StringComparison.Ordinal);

        var path = sample.Ok([.. network, "--lock", "locks"]).Trim();
        Assert.Equal(sample.At("locks", "MeanVariance.keys"), Path.GetFullPath(path, sample.Path));
        Assert.Contains("(9, ", File.ReadAllText(path), StringComparison.Ordinal);

        // The weights go through a file, where they stand below a prefix.
        using (var written = new Zoo.MeanVariance(hidden: 9))
        {
            var below = new System.Collections.Generic.Dictionary<string, TorchSharp.torch.Tensor>();
            foreach (var (key, tensor) in written.state_dict()) below[$"inner.{key}"] = tensor;
            Safetensors.Save(sample.At("inner.safetensors"), below);
        }
        sample.Ok([.. network, "--weights", "inner.safetensors", "--key", "inner", "--save", "own.safetensors"]);
        using var inner = Safetensors.Load(sample.At("inner.safetensors"));
        using var own = Safetensors.Load(sample.At("own.safetensors"));
        Assert.Equal(inner.Tensors.Count, own.Tensors.Count);
        foreach (var (key, tensor) in own.Tensors) Assert.True(tensor.equal(inner.Tensors[$"inner.{key}"]).all().item<bool>(), key);

        var (code, _, errors) = sample.Run([.. network[..3], "--param", "hidden=1,5"]);
        Assert.Equal((1, "card: --param: expected hidden=NUMBER with a number of at least 1, got 'hidden=1,5'.\n"), (code, errors));
    }
}
