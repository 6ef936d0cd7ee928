using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>A generated ensemble of any network, called by reflection.</summary>
internal sealed class RunningEnsemble
{
    private readonly Type _type;

    private RunningEnsemble(object module) => (_type, Module) = (module.GetType(), (nn.Module)module);

    /// <summary>An ensemble that draws its members.</summary>
    public static RunningEnsemble Draw(RunningNetwork network, int members, ScalarType dtype)
    {
        var constructor = network.EnsembleType!.GetConstructors(BindingFlags.Instance | BindingFlags.Public).Single();
        return new RunningEnsemble(RunningNetwork.Invoke(() => constructor.Invoke([members, .. network.ConstructorArguments(dtype)]))!);
    }

    public static RunningEnsemble Of(RunningNetwork network, IReadOnlyList<nn.Module> members)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(network.Module.GetType()))!;
        foreach (var member in members) list.Add(member);
        return new RunningEnsemble(RunningNetwork.Invoke(() => network.EnsembleType!.GetMethod("Of")!.Invoke(null, [list]))!);
    }

    public nn.Module Module { get; }

    public int Members => (int)_type.GetProperty("Members")!.GetValue(Module)!;

    public MemberNoise Noise { set => _type.GetProperty("Noise")!.SetValue(Module, value); }

    public nn.Module Member(int i) => (nn.Module)RunningNetwork.Invoke(() => _type.GetMethod("Member")!.Invoke(Module, [i]))!;

    public Tensor[] Forward(Tensor[] inputs)
        => RunningNetwork.Results(RunningNetwork.Invoke(() => _type.GetMethod("forward")!.Invoke(Module, [.. inputs]))!);
}
