using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Torch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        public static class functional
        {
            /// <summary>∂ output / ∂ inputs, of the output's shape followed by the inputs'.</summary>
            public static Tensor jacobian(Func<Tensor, Tensor> function, Tensor inputs) => jacobian((Tensor x) => new[] { function(x) }, inputs).Single();

            /// <summary>One Jacobian an output.</summary>
            public static IEnumerable<Tensor> jacobian(Func<Tensor, Tensor[]> function, Tensor inputs) => jacobian((Tensor[] x) => function(x[0]), inputs);

            /// <summary>One Jacobian an input.</summary>
            public static IEnumerable<Tensor> jacobian(Func<Tensor[], Tensor> function, params Tensor[] inputs) => jacobian((Tensor[] x) => new[] { function(x) }, inputs);

            /// <summary>The Jacobian of each output with respect to each input, outputs outermost.</summary>
            public static IEnumerable<Tensor> jacobian(Func<Tensor[], Tensor[]> function, params Tensor[] inputs)
            {
                using var scope = NewDisposeScope();
                using var recording = enable_grad();
                var leaves = inputs.Select(x => x.detach().requires_grad_()).ToArray();
                var jacobians = new List<Tensor>();
                foreach (var output in function(leaves))
                {
                    var flat = output.reshape(-1);
                    var rows = new List<Tensor[]>();
                    for (var i = 0L; i < flat.numel(); i++)
                    {
                        var gradients = grad([flat[i]], leaves, retain_graph: true, allow_unused: true);
                        rows.Add(gradients.Select((g, k) => g ?? zeros_like(leaves[k])).ToArray());
                    }

                    for (var k = 0; k < leaves.Length; k++)
                    {
                        long[] shape = [.. output.shape, .. leaves[k].shape];
                        jacobians.Add(rows.Count == 0 ? Creation.Zeros(shape, leaves[k].dtype, leaves[k].device, false, null) : stack(rows.Select(r => r[k]).ToArray()).reshape(shape));
                    }
                }

                return jacobians.Select(j => j.MoveToOuterDisposeScope()).ToArray();
            }
        }
    }
}
