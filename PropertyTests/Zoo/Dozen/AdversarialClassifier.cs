using Hybrid;

namespace Hybrid.PropertyTests.Zoo.Dozen;

/// <summary>Classes by features that do not tell the domains apart, DANN, Ganin et al. 2016.</summary>
[Network(Dims = "B")]
public partial class AdversarialClassifier
{
    [Spec]
    [return: Shape("B, 10", "B")]
    static (Sym label, Sym domain) Forward([Shape("B, 3, 28, 28")] Sym image, [Param] double strength = 1)
    {
        var x = image.Conv2d(16, k: 5).Relu().MaxPool2d(2).Conv2d(24, k: 5).Relu().MaxPool2d(2).Flatten();
        var domain = x.ReverseGradient(strength).Linear(32).Relu().Linear(1).Squeeze(-1);
        return (x.Linear(48).Relu().Linear(10), domain);
    }
}

/// <summary>The source's labels are known, the domains of all images.</summary>
[Loss(Dims = "B")]
public partial class AdversarialLoss
{
    [Spec]
    static Sym Value(
        [Shape("B, 10")] Sym label, [Shape("B")] Sym domain, [Shape("B"), Int64] Sym classes, [Shape("B"), Probability] Sym isSource)
        => label.CrossEntropy(classes) + domain.BceWithLogits(isSource);
}
