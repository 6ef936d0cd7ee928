using System;
using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019): weights shrink by 1 − lr·decay before each update.</summary>
public class AdamW : OptimizerHelper, IBetas
{
    public AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    /// <param name="parameters">Groups; what their options leave open is as the following say.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="eps">Added to the root of the latter.</param>
    /// <param name="weight_decay">Strength of the decay towards zero.</param>
    /// <param name="amsgrad">Whether to divide by the largest mean of squares so far (Reddi et al. 2018).</param>
    /// <param name="maximize">Whether to climb.</param>
    public AdamW(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
    {
        Require(lr >= 0, nameof(AdamW), nameof(lr), lr, "≥ 0");
        Require(beta1 is >= 0 and < 1, nameof(AdamW), nameof(beta1), beta1, "in [0, 1)");
        Require(beta2 is >= 0 and < 1, nameof(AdamW), nameof(beta2), beta2, "in [0, 1)");
        Require(eps >= 0, nameof(AdamW), nameof(eps), eps, "≥ 0");
        Require(weight_decay >= 0, nameof(AdamW), nameof(weight_decay), weight_decay, "≥ 0");
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    /// <summary>The defaults for groups added later.</summary>
    public (double, double) Betas
    {
        get => (((Options)_defaults).beta1!.Value, ((Options)_defaults).beta2!.Value);
        set => (((Options)_defaults).beta1, ((Options)_defaults).beta2) = (value.Item1, value.Item2);
    }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        var o = group.Options;
        AdamUpdate.Apply(Pairs(group), new AdamUpdate.Rule(o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value, o.eps!.Value, o.weight_decay!.Value,
            Decoupled: true, o.amsgrad!.Value, o.maximize!.Value));
    }, closure);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private protected override OptimizerOptions Complete(OptimizerOptions? options)
    {
        var (filled, open) = ((Options?)options ?? new Options(), (Options)_defaults);
        filled.LearningRate ??= open.LearningRate;
        filled.beta1 ??= open.beta1;
        filled.beta2 ??= open.beta2;
        filled.eps ??= open.eps;
        filled.weight_decay ??= open.weight_decay;
        filled.amsgrad ??= open.amsgrad;
        filled.maximize ??= open.maximize;
        return filled;
    }

    public class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? eps;
        public double? weight_decay;
        public bool? amsgrad;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(beta1!.Value);
            writer.Write(beta2!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(amsgrad!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            beta1 = reader.ReadDouble();
            beta2 = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            amsgrad = reader.ReadBoolean();
            maximize = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (beta1, beta2, eps, weight_decay, amsgrad, maximize) =
                (from.beta1, from.beta2, from.eps, from.weight_decay, from.amsgrad, from.maximize);
        }
    }

    public class ParamGroup : ParamGroup<Options>, IBetas
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
        {
        }

        public (double, double) Betas
        {
            get => (Options.beta1!.Value, Options.beta2!.Value);
            set => (Options.beta1, Options.beta2) = (value.Item1, value.Item2);
        }
    }

    public sealed class State : OptimizerState, AdamUpdate.IMoments, IDisposable
    {
        public long step;
        public Tensor exp_avg = null!;
        public Tensor exp_avg_sq = null!;
        public Tensor? max_exp_avg_sq;

        public State(Parameter parameter) : base(parameter) { }

        long AdamUpdate.IMoments.Step { get => step; set => step = value; }

        Tensor AdamUpdate.IMoments.Mean => exp_avg;

        Tensor AdamUpdate.IMoments.MeanSquare => exp_avg_sq;

        Tensor? AdamUpdate.IMoments.LargestMeanSquare => max_exp_avg_sq;

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            exp_avg = ZerosLike(_parameter);
            exp_avg_sq = ZerosLike(_parameter);
            max_exp_avg_sq = ((Options)options).amsgrad!.Value ? ZerosLike(_parameter) : null;
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            DatFormat.WriteTensor(writer, exp_avg);
            DatFormat.WriteTensor(writer, exp_avg_sq);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Read(reader, exp_avg);
            Read(reader, exp_avg_sq);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var from = (State)source;
            step = from.step;
            Copy(from.exp_avg, ref exp_avg!);
            Copy(from.exp_avg_sq, ref exp_avg_sq!);
            Copy(from.max_exp_avg_sq, ref max_exp_avg_sq);
        }

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State s && step == s.step && Close(exp_avg, s.exp_avg) && Close(exp_avg_sq, s.exp_avg_sq) && Close(max_exp_avg_sq, s.max_exp_avg_sq);

        public override void to(Device device)
        {
            Move(ref exp_avg!, device);
            Move(ref exp_avg_sq!, device);
            Move(ref max_exp_avg_sq, device);
        }

        public void Dispose()
        {
            exp_avg?.Dispose();
            exp_avg_sq?.Dispose();
            max_exp_avg_sq?.Dispose();
        }
    }
}
