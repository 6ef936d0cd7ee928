using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training.Optimisers;

/// <summary>
/// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) through libtorch's <c>_fused_adam_</c>, which TorchSharp has no method
/// for and a TorchScript function reaches. TorchSharp's own step is a loop of ten operations for each parameter; this is one call for all.
/// The moments and the number of steps are those of the optimiser's own state, so that it is saved, resumed and stepped by hand as ever;
/// results agree to rounding.
/// <para>A parameter without a gradient is left as it is, as in PyTorch.</para>
/// </summary>
internal sealed class FusedAdam : OptimiserStep
{
    // The CPU kernel came with libtorch 2.4; a script that names an operator the library lacks would end the process.
    private static readonly Version _oldest = new(2, 4);

    private static readonly Lazy<jit.CompilationUnit> _script = new(() => jit.compile(Source("adam") + Source("adamw")));

    // Held: an optimiser that is collected disposes of its state, which is worked on here.
    private readonly OptimizerHelper _optimiser;
    private readonly string _function;
    private readonly Group[] _groups;

    public FusedAdam(Adam optimiser)
        : this(optimiser, "adam", optimiser.state_dict().State.Cast<Adam.State>().Select(state => (Moments)new AdamMoments(state)))
    {
    }

    public FusedAdam(AdamW optimiser)
        : this(optimiser, "adamw", optimiser.state_dict().State.Cast<AdamW.State>().Select(state => (Moments)new AdamWMoments(state)))
    {
    }

    private FusedAdam(OptimizerHelper optimiser, string function, IEnumerable<Moments> states)
    {
        (_optimiser, _function) = (optimiser, function);
        var left = new Queue<Moments>(states);
        _groups =
        [
            .. optimiser.ParamGroups.Cast<ParamGroup>()
                .Select(group => new Group(group, [.. group.Parameters.Select(_ => left.Dequeue())])),
        ];
    }

    /// <summary>Whether the kernel takes all of an optimiser's parameters.</summary>
    public static bool Serves(OptimizerHelper optimiser)
        => Version.TryParse(__version__, out var version) && version >= _oldest
            && optimiser.parameters().All(p => p.device_type == DeviceType.CPU && p.dtype is ScalarType.Float32 or ScalarType.Float64);

    public override void ClearGradients()
    {
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
            {
                if (!FlatParameters.IsFlat(parameter)) parameter.grad = null!;
                else
                {
                    using var gradient = parameter.grad; // views of it are the gradients of a module's parameters
                    gradient?.zero_().Dispose();
                }
            }
        }
    }

    public override void Apply()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        foreach (var group in _groups) group.Step(_function);
        GC.KeepAlive(_optimiser);
    }

    public override void Dispose()
    {
        foreach (var group in _groups) group.Dispose();
        base.Dispose();
    }

    private static string Source(string name) => $"""
        def {name}(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], largest: List[Tensor], steps: List[Tensor],
                lr: float, beta1: float, beta2: float, decay: float, eps: float, amsgrad: bool, maximize: bool):
            torch._foreach_add_(steps, 1.0)
            torch._fused_{name}_(p, g, m, v, largest, steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps,
                amsgrad=amsgrad, maximize=maximize)
            return 0


        """;

    /// <summary>Adam's and AdamW's state of one parameter, which are alike and have no common type.</summary>
    private abstract class Moments
    {
        public abstract long Step { get; set; }

        public abstract Tensor First { get; }

        public abstract Tensor Second { get; }

        public abstract Tensor? Largest { get; }
    }

    private sealed class AdamMoments(Adam.State state) : Moments
    {
        public override long Step { get => state.step; set => state.step = value; }

        public override Tensor First => state.exp_avg;

        public override Tensor Second => state.exp_avg_sq;

        public override Tensor? Largest => state.max_exp_avg_sq;
    }

    private sealed class AdamWMoments(AdamW.State state) : Moments
    {
        public override long Step { get => state.step; set => state.step = value; }

        public override Tensor First => state.exp_avg;

        public override Tensor Second => state.exp_avg_sq;

        public override Tensor? Largest => state.max_exp_avg_sq;
    }

    /// <summary>A parameter group with what the kernel takes of it.</summary>
    private sealed class Group : IDisposable
    {
        private readonly ParamGroup _group;
        private readonly Moments[] _moments;
        private readonly Tensor[] _steps;
        private readonly long[] _counted;
        private readonly object[] _arguments = new object[13];
        private readonly Dictionary<double, Scalar> _scalars = [];

        public Group(ParamGroup group, Moments[] moments)
        {
            (_group, _moments, Parameters) = (group, moments, [.. group.Parameters]);
            _counted = [.. moments.Select(state => state.Step)];
            _steps = [.. _counted.Select(count => tensor((float)count).DetachFromDisposeScope())];
        }

        public Parameter[] Parameters { get; }

        public void Step(string function)
        {
            var gradients = new Tensor[Parameters.Length];
            var count = 0;
            for (var i = 0; i < Parameters.Length; i++)
            {
                if (Parameters[i].grad is not { } gradient) continue;
                gradients[i] = gradient;
                count++;
            }
            if (count == 0) return;
            // Of those that have a gradient.
            Tensor[] Those(Func<int, Tensor?> of)
            {
                var chosen = new Tensor[count];
                for (int i = 0, next = 0; i < gradients.Length; i++)
                    if (gradients[i] is not null) chosen[next++] = of(i)!;
                return chosen;
            }
            for (var i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is null) continue;
                // Loaded, or stepped by somebody else.
                if (_counted[i] != _moments[i].Step) _steps[i].fill_(_moments[i].Step);
                _counted[i] = _moments[i].Step += 1;
            }
            ForgetOldNumbers();
            var (rate, beta1, beta2, decay, eps, amsgrad, maximize) = Options();
            _arguments[0] = Those(i => Parameters[i]);
            _arguments[1] = Those(i => gradients[i]);
            _arguments[2] = Those(i => _moments[i].First);
            _arguments[3] = Those(i => _moments[i].Second);
            _arguments[4] = amsgrad ? Those(i => _moments[i].Largest) : [];
            _arguments[5] = Those(i => _steps[i]);
            (_arguments[6], _arguments[7], _arguments[8]) = (Number(rate), Number(beta1), Number(beta2));
            (_arguments[9], _arguments[10]) = (Number(decay), Number(eps));
            (_arguments[11], _arguments[12]) = (amsgrad, maximize);
            (_script.Value.invoke(function, _arguments) as IDisposable)?.Dispose(); // a script returns something
        }

        private (double Rate, double Beta1, double Beta2, double Decay, double Epsilon, bool Amsgrad, bool Maximize) Options()
            => _group.Options switch
        {
            Adam.Options o => (
                o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value, o.weight_decay!.Value, o.eps!.Value, o.amsgrad!.Value,
                o.maximize!.Value),
            AdamW.Options o => (
                o.LearningRate!.Value, o.beta1!.Value, o.beta2!.Value, o.weight_decay!.Value, o.eps!.Value, o.amsgrad!.Value,
                o.maximize!.Value),
            var other => throw new InvalidOperationException(
                $"FusedAdam: expected the options of Adam or AdamW, got {other.GetType().Name}."),
        };

        // A native allocation each, which must live while the script reads it.
        private Scalar Number(double value) => _scalars.TryGetValue(value, out var known) ? known : _scalars[value] = value;

        /// <summary>A schedule makes a new rate in each step: the old ones go from time to time.</summary>
        private void ForgetOldNumbers()
        {
            if (_scalars.Count <= 64) return;
            foreach (var old in _scalars.Values) old.Dispose();
            _scalars.Clear();
        }

        public void Dispose()
        {
            foreach (var step in _steps) step.Dispose();
            foreach (var number in _scalars.Values) number.Dispose();
        }
    }
}
