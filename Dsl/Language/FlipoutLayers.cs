using System;

namespace Hybrid;

/// <summary>The kinds of layers whose weights a Flipout network draws; the others stay as they are.</summary>
[Flags]
public enum FlipoutLayers
{
    None = 0,
    Linear = 1,
    Conv1d = 2,
    Conv2d = 4,
    Conv3d = 8,
    ConvTranspose2d = 16,
    ConvTranspose1d = 32,
    ConvTranspose3d = 64,
    All = Linear | Conv1d | Conv2d | Conv3d | ConvTranspose1d | ConvTranspose2d | ConvTranspose3d,
}
