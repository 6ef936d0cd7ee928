using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Adaptation;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>A Bayesian network: weights drawn, their divergence from the prior.</summary>
/// <param name="Module">Draws weights for every call; (B, 3, H, W) to (B, 2).</param>
/// <param name="Divergence">KL of posterior and prior over a number of examples.</param>
public sealed record BayesianRadius(nn.Module<Tensor, Tensor> Module, Func<double, Tensor> Divergence);

/// <summary>A network as a function of its weights: what meta-learning differentiates through.</summary>
/// <param name="Parameters">The weights, whose gradients the network's optimiser applies.</param>
/// <param name="Forward">Outputs (B, 2) of images with other weights in their place, in training mode.</param>
public sealed record FunctionalRadius(IReadOnlyList<Tensor> Parameters, Func<IReadOnlyList<Tensor>, Tensor, Tensor> Forward);

/// <summary>An encoder and head of radii with the programs that the language derives from them.</summary>
/// <param name="Name">As commands call it.</param>
/// <param name="Features">Of the encoder.</param>
/// <param name="Make">Encoder and head.</param>
/// <param name="Bayesian">A trained network with a posterior about its weights: which kinds of layers, and its deviation.</param>
/// <param name="Functional">The network as a function of its weights, which stay those of the network.</param>
public sealed record RadiusNetwork(
    string Name, int Features, Func<Device, EncoderWithHead> Make, Func<EncoderWithHead, FlipoutLayers, double, BayesianRadius> Bayesian,
    Func<EncoderWithHead, FunctionalRadius> Functional)
{
    /// <summary>The networks, the small one of quick comparisons first.</summary>
    public static IReadOnlyList<RadiusNetwork> All { get; } =
    [
        new(
            "small", SmallRadiusEncoder.Features,
            device => new EncoderWithHead(new SmallRadiusEncoder(device: device), new SmallRadiusHead(device: device)),
            (trained, layers, sigma) =>
            {
                using var whole = Filled(new SmallRadiusNetwork(device: trained.Device), trained);
                var flipout = SmallRadiusNetwork.Flipout.From(whole, sigma, layers);
                return new BayesianRadius(flipout, flipout.Kl);
            },
            network =>
            {
                var encoder = SmallRadiusEncoder.Weights.Of((SmallRadiusEncoder)network.Encoder);
                var head = SmallRadiusHead.Weights.Of((SmallRadiusHead)network.Head);
                return Composed(
                    encoder.Parameters, head.Parameters,
                    (weights, image) => SmallRadiusEncoder.Forward(encoder.WithParameters(weights), image, training: true),
                    (weights, features) => SmallRadiusHead.Forward(head.WithParameters(weights), features, training: true));
            }),
        new(
            "resnet10v2", ResNet10V2Encoder.Features,
            device => new EncoderWithHead(new ResNet10V2Encoder(device: device), new ResNet10V2RadiusHead(device: device)),
            (trained, layers, sigma) =>
            {
                using var whole = Filled(new ResNet10V2RadiusNetwork(device: trained.Device), trained);
                var flipout = ResNet10V2RadiusNetwork.Flipout.From(whole, sigma, layers);
                return new BayesianRadius(flipout, flipout.Kl);
            },
            network =>
            {
                var encoder = ResNet10V2Encoder.Weights.Of((ResNet10V2Encoder)network.Encoder);
                var head = ResNet10V2RadiusHead.Weights.Of((ResNet10V2RadiusHead)network.Head);
                return Composed(
                    encoder.Parameters, head.Parameters,
                    (weights, image) => ResNet10V2Encoder.Forward(encoder.WithParameters(weights), image, training: true),
                    (weights, features) => ResNet10V2RadiusHead.Forward(head.WithParameters(weights), features, training: true));
            }),
        new(
            "resnet34v2", ResNet34V2Encoder.Features,
            device => new EncoderWithHead(new ResNet34V2Encoder(device: device), new ResNet34V2RadiusHead(device: device)),
            (trained, layers, sigma) =>
            {
                using var whole = Filled(new ResNet34V2RadiusNetwork(device: trained.Device), trained);
                var flipout = ResNet34V2RadiusNetwork.Flipout.From(whole, sigma, layers);
                return new BayesianRadius(flipout, flipout.Kl);
            },
            network =>
            {
                var encoder = ResNet34V2Encoder.Weights.Of((ResNet34V2Encoder)network.Encoder);
                var head = ResNet34V2RadiusHead.Weights.Of((ResNet34V2RadiusHead)network.Head);
                return Composed(
                    encoder.Parameters, head.Parameters,
                    (weights, image) => ResNet34V2Encoder.Forward(encoder.WithParameters(weights), image, training: true),
                    (weights, features) => ResNet34V2RadiusHead.Forward(head.WithParameters(weights), features, training: true));
            }),
    ];

    /// <summary>A network by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static RadiusNetwork Named(string name)
        => All.FirstOrDefault(network => network.Name == name)
            ?? throw new ArgumentException($"network: expected one of {string.Join(", ", All.Select(n => n.Name))}, got '{name}'.");

    /// <summary>The whole network with the weights of its two parts, which have the same keys.</summary>
    private static T Filled<T>(T whole, EncoderWithHead parts) where T : nn.Module
    {
        using var _ = no_grad();
        var state = parts.Module.state_dict();
        foreach (var (key, weight) in whole.state_dict()) weight.copy_(state[key]);
        return whole;
    }

    private static FunctionalRadius Composed(
        IReadOnlyList<Tensor> ofEncoder, IReadOnlyList<Tensor> ofHead, Func<IReadOnlyList<Tensor>, Tensor, Tensor> encoder,
        Func<IReadOnlyList<Tensor>, Tensor, Tensor> head)
        => new(
            [.. ofEncoder, .. ofHead],
            (weights, image) => head([.. weights.Skip(ofEncoder.Count)], encoder([.. weights.Take(ofEncoder.Count)], image)));
}
