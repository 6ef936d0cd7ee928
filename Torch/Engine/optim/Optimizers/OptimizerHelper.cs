using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules;

/// <summary>Base of the optimisers: groups, states and their files.</summary>
public abstract class OptimizerHelper : Optimizer
{
    private readonly Dictionary<Parameter, OptimizerState> _states = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<ParamGroup, (Parameter[] Parameters, (Parameter Parameter, OptimizerState State)[] Pairs)> _members = new();

    /// <summary>What a group's options are where it leaves them open.</summary>
    protected OptimizerOptions _defaults = null!;

    public OptimizerHelper() { }

    private protected abstract OptimizerState NewState(Parameter parameter);

    /// <summary>Fills in the options that a new group leaves open.</summary>
    private protected abstract OptimizerOptions Complete(OptimizerOptions? options);

    public override void add_param_group(ParamGroup param_group)
    {
        var parameters = param_group.Parameters.ToArray();
        foreach (var parameter in parameters)
        {
            if (parameter is null || parameter.IsInvalid)
                throw new ArgumentException($"{GetType().Name}: a parameter of the group is null or disposed. Moving a module replaces its parameters: make the optimiser afterwards.", nameof(param_group));
            if (_states.ContainsKey(parameter))
                throw new ArgumentException($"{GetType().Name}: a parameter of shape ({string.Join(", ", parameter.shape)}) is in more than one group.", nameof(param_group));
        }
        param_group.Parameters = parameters;
        param_group.Options = Complete(param_group.Options);
        param_group.Options.InitialLearningRate = param_group.Options.LearningRate!.Value;
        _parameter_groups.Add(param_group);
        var pairs = new (Parameter, OptimizerState)[parameters.Length];
        for (var i = 0; i < pairs.Length; i++)
        {
            var state = NewState(parameters[i]);
            state.Initialize(param_group.Options);
            if (!_states.TryAdd(parameters[i], state))
                throw new ArgumentException($"{GetType().Name}: a parameter of shape ({string.Join(", ", parameters[i].shape)}) is in the group twice.", nameof(param_group));
            pairs[i] = (parameters[i], state);
        }
        _members.Add(param_group, (parameters, pairs));
    }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

    public override void zero_grad()
    {
        foreach (var group in _parameter_groups) Hybrid.Torch.FusedAdam.ZeroGradients(_members[group].Parameters, setToNone: false);
    }

    /// <summary>Runs the closure with gradients, then <paramref name="body"/> on each group without, in a scope of its own.</summary>
    protected Tensor _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var _ = enable_grad();
            loss = loss_closure();
        }
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var group in _parameter_groups) body((T)group);
        }
        return loss!;
    }

    private protected (Parameter Parameter, OptimizerState State)[] Pairs(ParamGroup group) => _members[group].Pairs;

    public virtual StateDictionary state_dict()
    {
        var dictionary = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            dictionary.Options.Add(group.Options);
            var indices = new List<int>();
            dictionary.StateIndexRef.Add(indices);
            foreach (var (_, state) in _members[group].Pairs)
            {
                indices.Add(dictionary.State.Count);
                dictionary.State.Add(state);
            }
        }
        return dictionary;
    }

    /// <summary>Copies options and states of an optimiser of the same kind over groups of the same sizes.</summary>
    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var own = this.state_dict();
        RequireSame("parameter groups", own.Options.Count, state_dict.Options.Count);
        RequireSame("parameters", own.State.Count, state_dict.State.Count);
        foreach (var (mine, theirs) in own.Options.Zip(state_dict.Options))
        {
            if (!ReferenceEquals(mine, theirs)) mine.LoadStateDict(theirs);
        }
        foreach (var (mine, theirs) in own.State.Zip(state_dict.State))
        {
            if (!ReferenceEquals(mine, theirs)) mine.LoadStateDict(theirs);
        }
    }

    public void save_state_dict(string location)
    {
        using var stream = File.Create(location);
        using var writer = new BinaryWriter(stream);
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var stream = File.OpenRead(location);
        using var reader = new BinaryReader(stream);
        load_state_dict(reader);
    }

    /// <summary>Writes TorchSharp's optimiser file: the class's name, counts of groups and states, options, states.</summary>
    public void save_state_dict(BinaryWriter writer)
    {
        var dictionary = state_dict();
        writer.Write(GetType().Name);
        DatFormat.WriteNumber(writer, dictionary.Options.Count);
        DatFormat.WriteNumber(writer, dictionary.State.Count);
        foreach (var options in dictionary.Options) options.SaveStateDict(writer);
        foreach (var state in dictionary.State) state.SaveStateDict(writer);
    }

    /// <exception cref="InvalidDataException">The data is of another optimiser or ends early.</exception>
    /// <exception cref="ArgumentException">The number of groups or parameters, or a tensor's dtype or shape, is another one.</exception>
    public void load_state_dict(BinaryReader reader)
    {
        try
        {
            var name = reader.ReadString();
            if (name != GetType().Name) throw new InvalidDataException($"expected the state of {GetType().Name}, got that of '{name}'");
            var dictionary = state_dict();
            RequireSame("parameter groups", dictionary.Options.Count, DatFormat.ReadNumber(reader, "number of parameter groups"));
            RequireSame("parameters", dictionary.State.Count, DatFormat.ReadNumber(reader, "number of states"));
            foreach (var options in dictionary.Options) options.LoadStateDict(reader);
            foreach (var state in dictionary.State) state.LoadStateDict(reader);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"{GetType().Name}.load_state_dict: the data ends early", e);
        }
    }

    private void RequireSame(string what, long own, long given)
    {
        if (own != given) throw new ArgumentException($"{GetType().Name}.load_state_dict: expected {own} {what}, got {given}.");
    }

    /// <summary>Moves the states.</summary>
    public void to(Device device)
    {
        foreach (var state in _states.Values) state.to(device);
    }

    private protected override void DisposeStates()
    {
        foreach (var state in _states.Values) (state as IDisposable)?.Dispose();
    }

    private protected static void Require(bool holds, string optimiser, string name, double value, string range)
    {
        if (!holds) throw new ArgumentException($"{optimiser}: expected {name} {range}, got {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}.", name);
    }
}
