using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Marks a module that has no parameters and no buffers.</summary>
public interface IParameterLessModule
{
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, T2, TResult> : nn.Module<T1, T2, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, T2, T3, T4, TResult> : nn.Module<T1, T2, T3, T4, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, TResult> : nn.Module<T1, T2, T3, T4, T5, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="IParameterLessModule"/>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, T6, TResult> : nn.Module<T1, T2, T3, T4, T5, T6, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name) { }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true) => throw ParameterLess.Refuse(this, "buffer", name);

    public override void register_parameter(string name, Parameter param) => throw ParameterLess.Refuse(this, "parameter", name);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Check(this, name, submodule);
        base.register_module(name, submodule);
    }
}

internal static class ParameterLess
{
    public static InvalidOperationException Refuse(nn.Module module, string kind, string name)
        => new($"{module.GetName()} is declared to have no parameters: it cannot register the {kind} '{name}'. Derive from Module instead of ParameterLessModule.");

    public static void Check(nn.Module module, string name, nn.Module? submodule)
    {
        if (submodule is not (null or IParameterLessModule)) throw Refuse(module, "submodule", name);
    }
}
