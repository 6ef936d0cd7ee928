using System;
using Hybrid.Models.Deployment;
using TorchSharp;

namespace Hybrid.Samples.Serving;

/// <summary>What deployment must know of a system: its name, and how its archives become scorers.</summary>
/// <param name="Name">As manifests and commands have it: <c>cygno</c>.</param>
/// <param name="Load">Loads an archived model onto a device.</param>
public sealed record ServedSystem(string Name, Func<ModelArchive, torch.Device, IImageScorer> Load);
