using System;
using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>RMSProp (Hinton 2012): gradients over the root of their mean square, optionally of their variance.</summary>
public class RMSProp : OptimizerHelper, IMomentum
{
    public RMSProp(IEnumerable<Parameter> parameters, double lr = 1e-3, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
    {
    }

    /// <param name="parameters">Groups; what their options leave open is as the following say.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="alpha">Decay of the mean square.</param>
    /// <param name="eps">Added to its root.</param>
    /// <param name="weight_decay">Strength of the L2 regularisation.</param>
    /// <param name="momentum">Share of the last update that goes on.</param>
    /// <param name="centered">Whether to subtract the squared mean from the mean square.</param>
    /// <param name="maximize">Whether to climb.</param>
    public RMSProp(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false)
    {
        Require(lr >= 0, nameof(RMSProp), nameof(lr), lr, "≥ 0");
        Require(alpha >= 0, nameof(RMSProp), nameof(alpha), alpha, "≥ 0");
        Require(eps >= 0, nameof(RMSProp), nameof(eps), eps, "≥ 0");
        Require(weight_decay >= 0, nameof(RMSProp), nameof(weight_decay), weight_decay, "≥ 0");
        Require(momentum >= 0, nameof(RMSProp), nameof(momentum), momentum, "≥ 0");
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, alpha = alpha, eps = eps, weight_decay = weight_decay, momentum = momentum, centered = centered, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    /// <summary>The default for groups added later.</summary>
    public double Momentum { get => ((Options)_defaults).momentum!.Value; set => ((Options)_defaults).momentum = value; }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        var o = group.Options;
        var (rate, alpha, eps, decay, momentum) = (o.LearningRate!.Value, o.alpha!.Value, o.eps!.Value, o.weight_decay!.Value, o.momentum!.Value);
        foreach (var (parameter, memory) in Pairs(group))
        {
            var grad = parameter.grad;
            if (grad is null) continue;
            var state = (State)memory;
            state.step++;
            if (o.maximize!.Value) grad = grad.neg();
            if (decay != 0) grad = grad.add(parameter, alpha: decay);
            state.square_avg.mul_(alpha).addcmul_(grad, grad, value: 1 - alpha);
            Tensor root;
            if (state.grad_avg is not null)
            {
                state.grad_avg.mul_(alpha).add_(grad, alpha: 1 - alpha);
                root = state.square_avg.addcmul(state.grad_avg, state.grad_avg, value: -1).sqrt_().add_(eps);
            }
            else
            {
                root = state.square_avg.sqrt().add_(eps);
            }
            if (momentum > 0)
            {
                state.momentum_buffer ??= zeros_like(parameter).DetachFromDisposeScope();
                state.momentum_buffer.mul_(momentum).addcdiv_(grad, root, 1);
                parameter.add_(state.momentum_buffer, alpha: -rate);
            }
            else
            {
                parameter.addcdiv_(grad, root, -rate);
            }
        }
    }, closure);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private protected override OptimizerOptions Complete(OptimizerOptions? options)
    {
        var (filled, open) = ((Options?)options ?? new Options(), (Options)_defaults);
        filled.LearningRate ??= open.LearningRate;
        filled.maximize ??= open.maximize;
        filled.momentum ??= open.momentum;
        filled.alpha ??= open.alpha;
        filled.eps ??= open.eps;
        filled.weight_decay ??= open.weight_decay;
        filled.centered ??= open.centered;
        return filled;
    }

    public class Options : OptimizerOptions
    {
        public bool? maximize;
        public double? momentum;
        public double? alpha;
        public double? eps;
        public double? weight_decay;
        public bool? centered;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(maximize!.Value);
            writer.Write(momentum!.Value);
            writer.Write(alpha!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(centered!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            maximize = reader.ReadBoolean();
            momentum = reader.ReadDouble();
            alpha = reader.ReadDouble();
            eps = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            centered = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (maximize, momentum, alpha, eps, weight_decay, centered) =
                (from.maximize, from.momentum, from.alpha, from.eps, from.weight_decay, from.centered);
        }
    }

    public class ParamGroup : ParamGroup<Options>, IMomentum
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double eps = 1e-8, double alpha = 0.99, double weight_decay = 0, double momentum = 0.0, bool centered = false)
            : base(parameters, new Options { LearningRate = lr, eps = eps, alpha = alpha, weight_decay = weight_decay, momentum = momentum, centered = centered })
        {
        }

        public double Momentum { get => Options.momentum!.Value; set => Options.momentum = value; }
    }

    public sealed class State : OptimizerState, IDisposable
    {
        public long step;
        public Tensor square_avg = null!;
        public Tensor? momentum_buffer;
        public Tensor? grad_avg;

        public State(Parameter parameter) : base(parameter) { }

        public override void Initialize(OptimizerOptions options)
        {
            Dispose();
            step = 0;
            square_avg = ZerosLike(_parameter);
            grad_avg = ((Options)options).centered!.Value ? ZerosLike(_parameter) : null;
            momentum_buffer = ((Options)options).momentum!.Value > 0 ? ZerosLike(_parameter) : null;
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            DatFormat.WriteTensor(writer, square_avg);
            SaveConditionalStateTensor(writer, momentum_buffer);
            SaveConditionalStateTensor(writer, grad_avg);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            Read(reader, square_avg);
            LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);
            LoadConditionalStateTensor(reader, ref grad_avg, _parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var from = (State)source;
            step = from.step;
            Copy(from.square_avg, ref square_avg!);
            Copy(from.momentum_buffer, ref momentum_buffer);
            Copy(from.grad_avg, ref grad_avg);
        }

        public override bool ApproximatelyEquals(OptimizerState other)
            => other is State s && step == s.step && Close(square_avg, s.square_avg) && Close(momentum_buffer, s.momentum_buffer) && Close(grad_avg, s.grad_avg);

        public override void to(Device device)
        {
            Move(ref square_avg!, device);
            Move(ref momentum_buffer, device);
            Move(ref grad_avg, device);
        }

        public void Dispose()
        {
            square_avg?.Dispose();
            momentum_buffer?.Dispose();
            grad_avg?.Dispose();
        }
    }
}
