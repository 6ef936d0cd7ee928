using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>How a radius is learnt.</summary>
public enum RadiusTechnique
{
    /// <summary>Always the median radius: what any other must beat.</summary>
    Constant,

    /// <summary>Squared errors on fluxes as they are: no preprocessing, no adaptation.</summary>
    Raw,

    /// <summary>Squared errors.</summary>
    Deterministic,

    /// <summary>Huber's loss.</summary>
    Huber,

    /// <summary>Mean and variance by β-NLL.</summary>
    BetaNll,

    /// <summary>Weights with posteriors (Flipout), from the trained β-NLL network on.</summary>
    Bayesian,

    /// <summary>Meta-learning through one inner step, outer data with k labels.</summary>
    Maml,

    /// <summary>The same without second derivatives.</summary>
    FirstOrderMaml,

    /// <summary>Images moved along the sign of the loss's gradient.</summary>
    Fgsm,

    /// <summary>Images moved there in several steps.</summary>
    Pgd,

    /// <summary>Maximum mean discrepancy of features.</summary>
    Mmd,

    /// <summary>Covariances of features.</summary>
    Coral,

    /// <summary>Reversed gradients of a discriminator.</summary>
    Dann,

    /// <summary>Simulations moved to the survey by few numbers that are learnt in image space.</summary>
    ShiftNet,

    /// <summary>Simulations made to look real by a generator against a critic.</summary>
    Gan,

    /// <summary>Features of the survey mapped to those of simulations by a flow of couplings.</summary>
    Flow,

    /// <summary>The same by a continuous flow.</summary>
    ContinuousFlow,

    /// <summary>Squared errors on arcs injected into real fields.</summary>
    Injection,

    /// <summary>β-NLL on them.</summary>
    InjectionBetaNll,

    /// <summary>β-NLL on them with the discrepancy of features.</summary>
    InjectionMmd,
}

/// <summary>What a technique is.</summary>
/// <param name="Technique">Which one.</param>
/// <param name="Name">As commands and reports call it.</param>
/// <param name="Loss">Of the simulations' labels.</param>
/// <param name="IsInjected">Whether it is trained on arcs injected into real fields; else on simulations.</param>
/// <param name="IsAdapted">Whether it uses images of the survey without labels.</param>
/// <param name="Begins">The technique whose trained network it begins with; null: none.</param>
public sealed record RadiusTechniqueFacts(
    RadiusTechnique Technique, string Name, RadiusLoss Loss, bool IsInjected = false, bool IsAdapted = false,
    RadiusTechnique? Begins = null);

/// <summary>Techniques by the names that commands and reports use.</summary>
public static class RadiusTechniques
{
    /// <summary>All, the constant answer first.</summary>
    public static IReadOnlyList<RadiusTechniqueFacts> All { get; } =
    [
        new(RadiusTechnique.Constant, "constant", RadiusLoss.Mse),
        new(RadiusTechnique.Raw, "raw", RadiusLoss.Mse),
        new(RadiusTechnique.Deterministic, "deterministic", RadiusLoss.Mse),
        new(RadiusTechnique.Huber, "huber", RadiusLoss.Huber),
        new(RadiusTechnique.BetaNll, "beta-nll", RadiusLoss.BetaNll),
        new(RadiusTechnique.Bayesian, "bayesian", RadiusLoss.BetaNll, Begins: RadiusTechnique.BetaNll),
        new(RadiusTechnique.Maml, "maml", RadiusLoss.BetaNll),
        new(RadiusTechnique.FirstOrderMaml, "first-order-maml", RadiusLoss.BetaNll),
        new(RadiusTechnique.Fgsm, "adversarial-fgsm", RadiusLoss.BetaNll),
        new(RadiusTechnique.Pgd, "adversarial-pgd", RadiusLoss.BetaNll),
        new(RadiusTechnique.Mmd, "mmd", RadiusLoss.BetaNll, IsAdapted: true),
        new(RadiusTechnique.Coral, "coral", RadiusLoss.BetaNll, IsAdapted: true),
        new(RadiusTechnique.Dann, "dann", RadiusLoss.BetaNll, IsAdapted: true),
        new(RadiusTechnique.ShiftNet, "shiftnet", RadiusLoss.BetaNll, IsAdapted: true),
        new(RadiusTechnique.Gan, "gan", RadiusLoss.BetaNll, IsAdapted: true),
        new(RadiusTechnique.Flow, "flow", RadiusLoss.BetaNll, IsAdapted: true, Begins: RadiusTechnique.BetaNll),
        new(RadiusTechnique.ContinuousFlow, "continuous-flow", RadiusLoss.BetaNll, IsAdapted: true, Begins: RadiusTechnique.BetaNll),
        new(RadiusTechnique.Injection, "injection", RadiusLoss.Mse, IsInjected: true),
        new(RadiusTechnique.InjectionBetaNll, "injection+beta-nll", RadiusLoss.BetaNll, IsInjected: true),
        new(RadiusTechnique.InjectionMmd, "injection+mmd", RadiusLoss.BetaNll, IsInjected: true, IsAdapted: true),
    ];

    /// <summary>What a technique is.</summary>
    public static RadiusTechniqueFacts Of(RadiusTechnique technique) => All.First(facts => facts.Technique == technique);

    /// <summary>A technique by its name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static RadiusTechniqueFacts Named(string name)
        => All.FirstOrDefault(facts => facts.Name == name)
            ?? throw new ArgumentException($"technique: expected one of {string.Join(", ", All.Select(f => f.Name))}, got '{name}'.");
}
