using System;
using System.Collections.Generic;
using System.IO;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Stochastic gradient descent, plain or with momentum.</summary>
public class SGD : OptimizerHelper, IMomentum
{
    public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    /// <param name="parameters">Groups; what their options leave open is as the following say.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="momentum">Share of the last update that goes on.</param>
    /// <param name="dampening">The new gradient counts 1 − this.</param>
    /// <param name="weight_decay">Strength of the L2 regularisation.</param>
    /// <param name="nesterov">Whether to look ahead (Sutskever et al. 2013); needs momentum and no dampening.</param>
    /// <param name="maximize">Whether to climb.</param>
    public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false)
    {
        Require(lr >= 0, nameof(SGD), nameof(lr), lr, "≥ 0");
        Require(momentum >= 0, nameof(SGD), nameof(momentum), momentum, "≥ 0");
        Require(weight_decay >= 0, nameof(SGD), nameof(weight_decay), weight_decay, "≥ 0");
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new ArgumentException($"SGD: nesterov needs momentum > 0 and dampening 0, got {momentum} and {dampening}.", nameof(nesterov));
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    /// <summary>The default for groups added later.</summary>
    public double Momentum { get => ((Options)_defaults).momentum!.Value; set => ((Options)_defaults).momentum = value; }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        var o = group.Options;
        var (momentum, decay) = (o.momentum!.Value, o.weight_decay!.Value);
        var rate = o.maximize!.Value ? o.LearningRate!.Value : -o.LearningRate!.Value;
        foreach (var (parameter, memory) in Pairs(group))
        {
            var grad = parameter.grad;
            if (grad is null) continue;
            if (decay != 0) grad = grad.add(parameter, alpha: o.maximize.Value ? -decay : decay);
            if (momentum != 0)
            {
                var state = (State)memory;
                if (state.momentum_buffer is null) state.momentum_buffer = grad.clone().DetachFromDisposeScope();
                else state.momentum_buffer.mul_(momentum).add_(grad, alpha: 1 - o.dampening!.Value);
                grad = o.nesterov!.Value ? grad.add(state.momentum_buffer, alpha: momentum) : state.momentum_buffer;
            }
            parameter.add_(grad, alpha: rate);
        }
    }, closure);

    private protected override OptimizerState NewState(Parameter parameter) => new State(parameter);

    private protected override OptimizerOptions Complete(OptimizerOptions? options)
    {
        var (filled, open) = ((Options?)options ?? new Options(), (Options)_defaults);
        filled.LearningRate ??= open.LearningRate;
        filled.momentum ??= open.momentum;
        filled.dampening ??= open.dampening;
        filled.weight_decay ??= open.weight_decay;
        filled.nesterov ??= open.nesterov;
        filled.maximize ??= open.maximize;
        return filled;
    }

    public class Options : OptimizerOptions
    {
        public double? momentum;
        public double? dampening;
        public double? weight_decay;
        public bool? nesterov;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(momentum!.Value);
            writer.Write(dampening!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(nesterov!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            momentum = reader.ReadDouble();
            dampening = reader.ReadDouble();
            weight_decay = reader.ReadDouble();
            nesterov = reader.ReadBoolean();
            maximize = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (momentum, dampening, weight_decay, nesterov, maximize) =
                (from.momentum, from.dampening, from.weight_decay, from.nesterov, from.maximize);
        }
    }

    public class ParamGroup : ParamGroup<Options>, IMomentum
    {
        public ParamGroup() { }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0.0, double weight_decay = 0.0, bool nesterov = false, bool maximize = false)
            : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
        {
        }

        public double Momentum { get => Options.momentum!.Value; set => Options.momentum = value; }
    }

    public sealed class State : OptimizerState, IDisposable
    {
        /// <summary>Null before the first step with momentum.</summary>
        public Tensor? momentum_buffer;

        public State(Parameter parameter) : base(parameter) { }

        public override void Initialize(OptimizerOptions options)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = null;
        }

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

        public override void LoadStateDict(OptimizerState source) => Copy(((State)source).momentum_buffer, ref momentum_buffer);

        public override bool ApproximatelyEquals(OptimizerState other) => other is State s && Close(momentum_buffer, s.momentum_buffer);

        public override void to(Device device) => Move(ref momentum_buffer, device);

        public void Dispose() => momentum_buffer?.Dispose();
    }
}
