using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>Bounds on gradients before a step.</summary>
internal static class GradientClipping
{
    /// <summary>Clips as the options say.</summary>
    /// <returns>The norm of all gradients before it was bounded, of an ensemble the largest over its members; null where no norm is asked
    /// for.</returns>
    public static double? Clip(IReadOnlyList<Parameter> parameters, int members, double? value, double? norm)
    {
        var trained = parameters.Where(parameter => parameter.grad is not null).ToArray();
        if (value is { } most) nn.utils.clip_grad_value_(trained, most);
        if (norm is not { } bound) return null;
        return members == 1 ? nn.utils.clip_grad_norm_(trained, bound) : ClipMembers(trained, members, bound);
    }

    // Each member as if it were trained alone: its own norm over its slices of all parameters.
    private static double ClipMembers(Parameter[] parameters, int members, double bound)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var squares = zeros(members, ScalarType.Float64, parameters[0].device);
        foreach (var parameter in parameters)
        {
            if (!WeightSnapshot.IsPerMember(parameter, members))
                throw new ArgumentException(
                    $"TrainingOptions.ClipNorm: a parameter of shape {ShapeText.Of(parameter)} has no leading axis "
                    + $"of the {members} members of the loss, so no member's norm can be computed.");
            squares.add_(parameter.grad!.reshape(members, -1).square().sum([1L]).to(ScalarType.Float64));
        }
        var norms = squares.sqrt();
        var factors = (bound / (norms + 1e-6)).clamp(max: 1);   // as clip_grad_norm_ does
        foreach (var parameter in parameters)
        {
            var shape = Enumerable.Repeat(1L, (int)parameter.dim()).ToArray();
            shape[0] = members;
            parameter.grad!.mul_(factors.to(parameter.dtype).view(shape));
        }
        return norms.max().ToDouble();
    }
}
