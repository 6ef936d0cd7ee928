using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>
    /// A tensor that a module trains: registered as a parameter, not as a buffer, when it is a module's field.
    /// It takes over the native tensor of <c>data</c>, which cannot be used afterwards, and its place in a scope.
    /// </summary>
    public class Parameter : Tensor
    {
        public Parameter(Tensor data, bool requires_grad = true)
            : this(data.OwningDisposeScope, data.with_requires_grad(requires_grad))
        {
        }

        private Parameter(DisposeScope? scope, Tensor data) : base(data.DecoupleFromNativeHandle(), data.NativeBytes)
        {
            if (ReferenceEquals(scope, OwningDisposeScope)) return;
            if (scope is null) DetachFromDisposeScope();
            else scope.Attach(this);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
