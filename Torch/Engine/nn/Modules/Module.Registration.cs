using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Registers the fields of the module's type that hold modules, parameters and tensors (as buffers) and are not
            /// registered yet. The last statement of a module's constructor; a second call does nothing.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered) return;
                foreach (var (key, field) in ComponentFields.Of(GetType()))
                {
                    if (_moduleTable.ContainsKey(key) || _parameterTable.ContainsKey(key) || _bufferTable.ContainsKey(key)) continue;
                    switch (field.GetValue(this))
                    {
                        case Module module: register_module(key, module); break;
                        case Parameter parameter: register_parameter(key, parameter); break;
                        case Tensor tensor: register_buffer(key, tensor); break;
                    }
                }
                _componentsRegistered = true;
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), $"{GetName()}: parameter '{name}' is null or disposed.");
                if (!_parameterTable.TryAdd(name, param))
                    throw new InvalidOperationException($"{GetName()}: a parameter '{name}' is already registered; names are checkpoint keys and must differ.");
            }

            /// <param name="name">The buffer's key.</param>
            /// <param name="tensor">A tensor that belongs to the module's state but is not trained.</param>
            /// <param name="persistent">Whether it is part of state dictionaries.</param>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), $"{GetName()}: buffer '{name}' is null or disposed.");
                if (!_bufferTable.TryAdd(name, (tensor, persistent)))
                    throw new InvalidOperationException($"{GetName()}: a buffer '{name}' is already registered; names are checkpoint keys and must differ.");
            }

            /// <summary>Adds a child under a name without dots; null removes the child of that name.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null)
                {
                    _moduleTable.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentException($"{GetName()}: a submodule's name must not be empty; it is part of checkpoint keys.", nameof(name));
                if (name.Contains('.'))
                    throw new ArgumentException($"{GetName()}: a submodule's name must not contain '.', which separates levels of checkpoint keys; got '{name}'.", nameof(name));
                if (_moduleTable.ContainsKey(name))
                    throw new InvalidOperationException($"{GetName()}: a submodule '{name}' is already registered; names are checkpoint keys and must differ.");
                submodule.RegisterComponents();
                _moduleTable.Add(name, submodule);
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Registers a parameter, replaces the one of that name, or with null removes it.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null) _parameterTable.Remove(name);
                else _parameterTable[name] = value;
            }

            /// <summary>Registers a buffer, replaces the one of that name, or with null removes it.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null) _bufferTable.Remove(name);
                else _bufferTable[name] = (value, persistent);
            }

            protected void ClearModules() => _moduleTable.Clear();

            /// <summary>Makes <paramref name="value"/> the parameter of that name; the module owns it from now on and disposes the former one.</summary>
            internal void Own([NotNullIfNotNull(nameof(value))] ref Parameter? field, Parameter? value, string name)
            {
                if (ReferenceEquals(field, value)) return;
                field?.Dispose();
                field = (Parameter?)value?.DetachFromDisposeScope();
                ConditionallyRegisterParameter(name, field);
            }

            /// <summary>Makes <paramref name="value"/> the buffer of that name; the module owns it from now on and disposes the former one.</summary>
            internal void Own(ref Tensor? field, Tensor? value, string name)
            {
                if (ReferenceEquals(field, value)) return;
                field?.Dispose();
                field = value?.DetachFromDisposeScope();
                ConditionallyRegisterBuffer(name, field);
            }
        }
    }
}
