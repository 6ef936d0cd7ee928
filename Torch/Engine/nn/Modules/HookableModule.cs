using System;
using System.Collections.Generic;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A module whose <c>call</c> runs registered functions before and after <c>forward</c>, in the order of their registration.</summary>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            // Null until a first hook comes: a module without hooks pays two null checks a call.
            private protected List<(string Key, Delegate Hook)>? _preHooks;
            private protected List<(string Key, Delegate Hook)>? _postHooks;

            protected HookableModule(string name) : base(name) { }

            public HookRemover register_forward_pre_hook(TPreHook hook) => Add(ref _preHooks, (Delegate?)(object?)hook);

            public HookRemover register_forward_pre_hook(Action<Module> hook) => Add(ref _preHooks, hook);

            public HookRemover register_forward_hook(TPostHook hook) => Add(ref _postHooks, (Delegate?)(object?)hook);

            public HookRemover register_forward_hook(Action<Module> hook) => Add(ref _postHooks, hook);

            private HookRemover Add(ref List<(string, Delegate)>? hooks, Delegate? hook)
            {
                ArgumentNullException.ThrowIfNull(hook);
                var key = Guid.NewGuid().ToString();
                hooks = hooks is null ? [(key, hook)] : [.. hooks, (key, hook)]; // a copy: a hook may be added while hooks run
                return new HookRemover(this, key);
            }

            private void Remove(string key)
            {
                _preHooks = Without(_preHooks, key);
                _postHooks = Without(_postHooks, key);
            }

            private static List<(string Key, Delegate Hook)>? Without(List<(string Key, Delegate Hook)>? hooks, string key)
            {
                var rest = hooks?.FindAll(h => h.Key != key);
                return rest is { Count: > 0 } ? rest : null;
            }

            /// <summary>Takes a registered hook away again.</summary>
            public class HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
            {
                public void remove() => module.Remove(key);
            }
        }
    }
}
