using System.Collections.Generic;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Parameters that share their options.</summary>
public class ParamGroup : optim.ILearningRateController
{
    public IEnumerable<Parameter> Parameters { get; set; } = [];

    public OptimizerOptions Options { get; set; } = null!;

    public double LearningRate { get => Options.LearningRate!.Value; set => Options.LearningRate = value; }

    public double InitialLearningRate { get => Options.InitialLearningRate; set => Options.InitialLearningRate = value; }
}

/// <inheritdoc/>
public class ParamGroup<TOptions> : ParamGroup where TOptions : OptimizerOptions
{
    public ParamGroup() { }

    /// <param name="parameters">The group's parameters.</param>
    /// <param name="options">Their options; what is null in them, or all when null, is the optimiser's default.</param>
    public ParamGroup(IEnumerable<Parameter> parameters, TOptions? options = null)
    {
        (Parameters, base.Options) = (parameters, options!);
    }

    public new TOptions Options { get => (TOptions)base.Options; set => base.Options = value; }
}
