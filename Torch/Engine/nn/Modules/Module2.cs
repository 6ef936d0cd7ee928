using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T1, T2, TResult>
        {
            public abstract TResult call(T1 input1, T2 input2);
        }

        /// <summary>A module of two inputs. Implement <c>forward</c>; callers use <c>call</c>, which runs the hooks.</summary>
        public abstract class Module<T1, T2, TResult>
            : HookableModule<Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>, Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>>, IModule<T1, T2, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2)
                => _preHooks is null && _postHooks is null ? forward(input1, input2) : CallWithHooks(input1, input2);

            private TResult CallWithHooks(T1 input1, T2 input2)
            {
                foreach (var (_, hook) in _preHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T1, T2, TResult>, T1, T2, (T1, T2)?>)hook)(this, input1, input2) is { } modified) (input1, input2) = modified;
                }
                var result = forward(input1, input2);
                foreach (var (_, hook) in _postHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T1, T2, TResult>, T1, T2, TResult, TResult>)hook)(this, input1, input2, result) is { } modified) result = modified;
                }
                return result;
            }
        }
    }
}
