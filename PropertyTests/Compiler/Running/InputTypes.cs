using System;
using Hybrid.Models.Engine;
using Hybrid.PropertyTests.Zoo;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>Numbers of another type than the weights', as FITS files and numpy arrays hold them.</summary>
[Collection(nameof(Tensors))]
public sealed class InputTypes
{
    private static string Refused(Action call) => Assert.Throws<ArgumentException>(call).Message;

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int16)]
    public void EveryProgram_NamesInputTypesAndTheCallThatConverts(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = ones(4, 12).to_type(type);
        string Expected(string caller)
            => $"{caller}: expected x (B, 12), got (4, 12): its numbers are {type}, the weights Float32. Convert it: "
                + "x.to_type(torch.ScalarType.Float32).";
        var network = new Mlp();
        Assert.Equal(Expected("Mlp.forward"), Refused(() => network.forward(x)));
        var weights = Mlp.Weights.Of(network);
        Assert.Equal(Expected("Mlp.Forward"), Refused(() => Mlp.Forward(weights, x)));
        Assert.Contains("its numbers are", Refused(() => Mlp.ForwardTangent(weights, x, ones(2, 4, 12))));
        var ensemble = new Mlp.Ensemble(2);
        Assert.Contains("its numbers are", Refused(() => ensemble.forward(x)));
        network.forward(x.to_type(ScalarType.Float32));
    }

    [Fact]
    public void DoubleWeights_AskForDoubles()
    {
        using var scope = NewDisposeScope();
        var network = new Mlp(dtype: ScalarType.Float64);
        Assert.Contains("its numbers are Float32, the weights Float64", Refused(() => network.forward(ones(4, 12))));
        network.forward(ones(4, 12, dtype: ScalarType.Float64));
    }

    [Fact]
    public void ANetworkThatChangesItsType_AsksForTheNewOne()
    {
        using var scope = NewDisposeScope();
        var network = new Mlp();
        network.forward(ones(4, 12));
        network.to(ScalarType.Float64);
        Assert.Contains("the weights Float64", Refused(() => network.forward(ones(4, 12))));
    }

    /// <summary>What one network gives in bfloat16 another takes, as autocast does.</summary>
    [Fact]
    public void Autocast_PassesBetweenNetworks()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(12, 12), new Mlp());
        using (Autocast.Begin(CPU))
        {
            var between = first.forward(ones(4, 12));
            Assert.Equal(ScalarType.BFloat16, between.dtype);
            Assert.Equal(ScalarType.BFloat16, second.forward(between).dtype);
        }
    }
}
