using System;
using System.Linq;
using System.Runtime.CompilerServices;
using Hybrid.Models.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Hybrid.Models.Training;

/// <summary>
/// All trainable numbers of a module in one tensor, of which the module's own parameters become views, and their gradients views of its
/// gradient: an optimiser takes one parameter, and a norm, an average or a copy over all weights is one operation. The module computes,
/// saves and loads as before.
/// <code>
/// using var flat = new FlatParameters(ensemble, members: 25);     // flat.Vector (25, numbers of one network)
/// using var optimiser = optim.Adam([flat.Vector]);
/// </code>
/// Worth its while where an optimiser pays for each tensor (TorchSharp's own optimisers, graphics cards);
/// <see cref="Optimisers.OptimiserStep"/> updates any number of tensors in one pass. docs/results.md has both.
/// </summary>
public sealed class FlatParameters : IDisposable
{
    // The vectors that exist: an optimiser's step must fill their gradients with zeros instead of removing them.
    private static readonly ConditionalWeakTable<Parameter, FlatParameters> _flat = [];

    private readonly nn.Module _module;
    private readonly string[] _names;
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _values;

    /// <summary>Moves the numbers of a module's trainable parameters into one tensor.</summary>
    /// <param name="module">The module. Frozen parameters stay where they are.</param>
    /// <param name="members"> For an ensemble, whose parameters have a leading axis of members: a row for each member, (members, numbers),
    /// in the order of the single network's parameters. Null: one vector (numbers).
    /// </param>
    /// <exception cref="ArgumentException">Nothing is trainable, parameters differ in type or device, or one has no leading axis of the
    /// members.</exception>
    public FlatParameters(nn.Module module, int? members = null)
    {
        var named = module.named_parameters().Where(p => p.parameter.requires_grad).ToArray();
        (_module, _names, _parameters) = (module, [.. named.Select(p => p.name)], [.. named.Select(p => p.parameter)]);
        if (_parameters.Length == 0)
            throw new ArgumentException($"FlatParameters: {ModuleName.Of(module)} has no trainable parameter.", nameof(module));
        var (first, rows) = (named[0], (long)(members ?? 1));
        foreach (var (name, parameter) in named)
        {
            if (parameter.dtype != first.parameter.dtype || parameter.device.ToString() != first.parameter.device.ToString())
                throw new ArgumentException(
                    $"FlatParameters: '{name}' is {parameter.dtype} on {parameter.device}, "
                    + $"'{first.name}' {first.parameter.dtype} on {first.parameter.device}; "
                    + "one tensor has one type and device.",
                    nameof(module));
            if (members is not null && (parameter.dim() == 0 || parameter.shape[0] != rows))
                throw new ArgumentException(
                    $"FlatParameters: '{name}' {ShapeText.Of(parameter)} has no leading axis of {Plural.Of(members.Value, "member")}.",
                    nameof(members));
        }
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var columns = _parameters.Sum(parameter => parameter.numel() / rows);
        long[] sizes = members is null ? [columns] : [rows, columns];
        Vector = new Parameter(empty(sizes, dtype: first.parameter.dtype, device: first.parameter.device).DetachFromDisposeScope());
        Vector.grad = zeros_like(Vector);
        _flat.Add(Vector, this);
        var (values, gradients) = (Vector.detach(), Vector.grad!);
        _values = new Tensor[_parameters.Length];
        long taken = 0;
        for (var i = 0; i < _parameters.Length; i++)
        {
            var (parameter, count) = (_parameters[i], _parameters[i].numel() / rows);
            // A stretch of the last axis, in the parameter's own shape: of a row for each member that is a view whose first stride is a
            // whole row.
            Tensor View(Tensor all) => members is null
                ? all.narrow(0, taken, count).view(parameter.shape)
                : all.narrow(1, taken, count).view(parameter.shape);
            _values[i] = View(values).DetachFromDisposeScope();
            _values[i].copy_(parameter);
            parameter.set_(_values[i]);
            parameter.grad = View(gradients);
            taken += count;
        }
    }

    /// <summary>(numbers), or (members, numbers of one network): what an optimiser takes. Its gradient is that of the parameters.</summary>
    public Parameter Vector { get; }

    /// <summary>
    /// Whether the module's parameters and gradients are still views of <see cref="Vector"/>. Not after the module was moved to another
    /// type or device, nor after its gradients were removed (<c>module.zero_grad()</c> removes them; <c>optimiser.zero_grad()</c> and
    /// <c>zero_grad(set_to_none: false)</c> do not).
    /// </summary>
    public bool IsCurrent
    {
        get
        {
            using var scope = NewDisposeScope();
            return Vector.grad is not null
                && _names.Zip(_parameters).All(pair =>
                    ReferenceEquals(_module.get_parameter(pair.First), pair.Second) && pair.Second.grad is not null);
        }
    }

    /// <summary>Whether a parameter is the vector of some <see cref="FlatParameters"/>.</summary>
    internal static bool IsFlat(Parameter parameter) => _flat.TryGetValue(parameter, out _);

    public void Dispose()
    {
        _flat.Remove(Vector);
        foreach (var view in _values) view.Dispose();
        Vector.Dispose();
    }
}
