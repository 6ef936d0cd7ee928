using System;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public interface IModule<T1, T2, T3, T4, TResult>
        {
            public abstract TResult call(T1 input1, T2 input2, T3 input3, T4 input4);
        }

        /// <summary>A module of four inputs. Implement <c>forward</c>; callers use <c>call</c>, which runs the hooks.</summary>
        public abstract class Module<T1, T2, T3, T4, TResult>
            : HookableModule<Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, (T1, T2, T3, T4)?>, Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, TResult, TResult>>, IModule<T1, T2, T3, T4, TResult>
        {
            protected Module(string name) : base(name) { }

            public abstract TResult forward(T1 input1, T2 input2, T3 input3, T4 input4);

            public TResult call(T1 input1, T2 input2, T3 input3, T4 input4)
                => _preHooks is null && _postHooks is null ? forward(input1, input2, input3, input4) : CallWithHooks(input1, input2, input3, input4);

            private TResult CallWithHooks(T1 input1, T2 input2, T3 input3, T4 input4)
            {
                foreach (var (_, hook) in _preHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, (T1, T2, T3, T4)?>)hook)(this, input1, input2, input3, input4) is { } modified) (input1, input2, input3, input4) = modified;
                }
                var result = forward(input1, input2, input3, input4);
                foreach (var (_, hook) in _postHooks ?? [])
                {
                    if (hook is Action<Module> plain) plain(this);
                    else if (((Func<Module<T1, T2, T3, T4, TResult>, T1, T2, T3, T4, TResult, TResult>)hook)(this, input1, input2, input3, input4, result) is { } modified) result = modified;
                }
                return result;
            }
        }
    }
}
