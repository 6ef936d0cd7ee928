using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// Base of all modules: a tree of named parameters, buffers and submodules with a training flag.
        /// <see cref="RegisterComponents"/>, called at the end of a constructor, registers the module's fields under their
        /// names or their <see cref="Utils.ComponentNameAttribute"/>; these names are the keys of state dictionaries.
        /// </summary>
        public partial class Module : IDisposable
        {
            private readonly string _name;
            private readonly OrderedDictionary<string, Parameter> _parameterTable = new();
            private readonly OrderedDictionary<string, (Tensor Buffer, bool Persistent)> _bufferTable = new();
            private readonly OrderedDictionary<string, Module> _moduleTable = new();
            private bool _componentsRegistered;
            private bool _training = true;

            protected Module(string name)
            {
                _name = name;
            }

            public virtual string GetName() => _name;

            /// <summary>Whether the module is in training mode (dropout drops, batch normalisation uses the batch's statistics).</summary>
            public virtual bool training => _training;

            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, child) in named_children()) child.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Calls <paramref name="fn"/> on every submodule, children before parents, and on this module last.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, child) in named_children()) child.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Forgets the gradients of all parameters, or fills them with zeros.</summary>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    if (set_to_none)
                    {
                        parameter.grad = null!;
                    }
                    else
                    {
                        using var grad = parameter.grad;
                        grad?.zero_();
                    }
                }
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Disposes parameters, buffers and submodules, shared ones included.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var (_, (buffer, _)) in _bufferTable) buffer.Dispose();
                foreach (var (_, parameter) in _parameterTable) parameter.Dispose();
                foreach (var (_, child) in named_children().ToArray()) child.Dispose();
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null)
                => (device ?? get_default_device(), dtype ?? get_default_dtype());
        }
    }
}
