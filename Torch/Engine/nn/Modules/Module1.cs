using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T, TResult>
        {
            public abstract TResult call(T input1);
        }

        /// <summary>A module of one input. Implement <c>forward</c>; callers use <c>call</c>, which runs the hooks.</summary>
        public abstract class Module<T, TResult>
            : HookableModule<Func<Module<T, TResult>, T, T>, Func<Module<T, TResult>, T, TResult, TResult>>, IModule<T, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T input);

            public TResult call(T input)
                => _preHooks is null && _postHooks is null ? forward(input) : CallWithHooks(input);

            private TResult CallWithHooks(T input)
            {
                foreach (var (_, hook) in _preHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T, TResult>, T, T>)hook)(this, input) is { } modified) input = modified;
                }
                var result = forward(input);
                foreach (var (_, hook) in _postHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T, TResult>, T, TResult, TResult>)hook)(this, input, result) is { } modified) result = modified;
                }
                return result;
            }
        }
    }
}
