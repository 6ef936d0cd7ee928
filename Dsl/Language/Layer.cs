using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Graphs;
using Hybrid.Rules;

namespace Hybrid;

/// <summary>
/// A layer as a value: applied several times it is one set of weights, <c>var enc = Layer.Linear(16); var za = enc.On(a);</c>.
/// Each operation with weights has its static method here, in the operation's own file.
/// </summary>
public sealed partial class Layer
{
    private readonly Rule _rule;
    private readonly object?[] _arguments;
    private GraphBuilder? _builder;
    private SharedLayer? _shared;

    internal Layer(string operation, params object?[] arguments) => (_rule, _arguments) = (RuleTable.Get(operation), arguments);

    /// <summary>Applies the layer.</summary>
    public Sym On(Sym x) => Apply(x)[0];

    internal Sym[] Apply(params Sym[] tensors)
    {
        if (tensors.Any(tensor => tensor is null))
        {
            throw new ArgumentNullException(
                nameof(tensors), $"{_rule.Name}: On is given null. A Sym comes from a spec's parameter or another operation.");
        }
        var builder = Sym.BuilderOf(_rule.Name, tensors);
        if (!ReferenceEquals(builder, _builder))
        {
            (_builder, _shared) = (builder, Make(builder));
        }
        return Sym.Apply(_shared!, builder, tensors);
    }

    private SharedLayer Make(GraphBuilder builder)
    {
        var parameters = _rule.Signature.Parameters.Where(parameter => !parameter.IsTensor).ToList();
        var given = new List<CallArgument>();
        for (var i = 0; i < _arguments.Length; i++)
            if (TraceArgument.Of(parameters[i], _arguments[i], builder) is { } argument)
                given.Add(CallArgument.Of(argument, Origin.None, parameters[i].Name));
        return builder.Layer(_rule, given) ?? throw new SpecException(builder.Faults[builder.Faults.Count - 1]);
    }
}
