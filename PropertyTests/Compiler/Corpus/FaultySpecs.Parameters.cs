using System.Collections.Generic;

namespace Hybrid.PropertyTests.Compiler.Corpus;

/// <summary>Hyper-parameters that are not decided when compiling.</summary>
internal static partial class FaultySpecs
{
    private static IReadOnlyList<FaultySpec> Parameters =>
    [
        new("a depth at which nothing is left of the image", """
            [Spec] static Sym Forward([Shape("B, 1, 28, 28")] Sym x, [Param(Max = 4)] int depth = 2)
            {
                for (var i = 0; i < depth; i++) x = x.Conv2d(8, k: {|HYB1005:3|}).Relu().MaxPool2d(2);
                return x;
            }
            """),
        new("a choice whose shape is another one than is promised", """
            [Spec] [return: Shape("B, 16")] static Sym Forward([Shape("B, 16")] Sym x, [Param] bool isWide = false)
            {
                var y = x.Linear(16);
                if (isWide) y = y.{|HYB1018:Cat(x)|};
                return y;
            }
            """),
        new("a softmax of one score in one kind of head", """
            public enum Head { Classes, Score }
            [Spec] static Sym Forward([Shape("B, 16")] Sym x, [Param] Head head = Head.Classes)
                => head == Head.Classes ? x.Linear(10).Softmax() : x.Linear(1).{|HYB1028:Softmax()|};
            """),
        new("a layer that no choice uses", """
            [Spec] static Sym Forward([Shape("B, 16")] Sym x, [Param] bool isDeep = false)
            {
                var forgotten = x.{|HYB4001:Linear(4)|};
                if (isDeep) x = x.Linear(8).Relu();
                return x.Linear(2);
            }
            """),
        new("a depth without a default", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param(Max = 8)] int {|HYB4009:depth|})
            {
                for (var i = 0; i < depth; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("a default above the largest depth", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param(Max = 3)] int {|HYB4009:depth|} = 4)
            {
                for (var i = 0; i < depth; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("a largest depth below the smallest", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param(Min = 4, Max = 3)] int {|HYB4009:depth|} = 4)
            {
                for (var i = 0; i < depth; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("more choices than are proved", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param(Max = 40)] int {|HYB4009:depth|} = 4, [Param] bool isDeep = false)
            {
                for (var i = 0; i < depth; i++) x = isDeep ? x.Linear(8).Relu() : x.Relu();
                return x.Linear(1);
            }
            """),
        new("a member with the name of a choice's class", """
            public sealed class {|HYB4014:WithDepth3|};
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param(Max = 3)] int depth = 1)
            {
                for (var i = 0; i < depth; i++) x = x.Linear(8).Relu();
                return x;
            }
            """),
        new("a choice of a loss", """
            [Spec] static Sym Value([Shape("B")] Sym x, [Shape("B")] Sym target, [Param] bool {|HYB4009:isRobust|} = false)
                => isRobust ? (x - target).Abs().Mean() : x.Mse(target);
            """) { IsLoss = true },
        new("a name as a hyper-parameter", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param] string {|HYB4009:activation|} = "relu") => x.Relu();
            """),
        new("a branch on a rate", """
            [Spec] static Sym Forward([Shape("B, 8")] Sym x, [Param] double dropout = 0.1)
            {
                if ({|HYB4005:dropout > 0|}) x = x.Dropout(dropout);
                return x.Linear(2);
            }
            """),
        new("a kernel whose size follows from a number", """
            [Spec] static Sym Forward([Shape("B, 3, 32, 32")] Sym x, [Param] double sigma = 1) => x.BlurPool2d({|HYB4005:sigma|});
            """),
        new("a probability scaled by a number that may be anything", """
            [Spec] static Sym Value([Shape("B, 4"), Probability] Sym p, [Shape("B, 4")] Sym target, [Param] double scale = 1)
                => ({|HYB3004:p * scale|}).Bce(target);
            """) { IsLoss = true },
    ];
}
