using Hybrid;

namespace Hybrid.Models.Adaptation;

/// <summary>
/// Which domain features come from, as a logit, or how far apart domains are, as a critic's number: 256 → 128 → 128 → 1 with PReLU in the
/// lens finder's publication, here of any sizes.
/// </summary>
[Network(Dims = "B:batch")]
public partial class DomainCritic
{
    [Spec]
    [return: Shape("B, 1")]
    internal static Sym Forward([Shape("B, features")] Sym x, [Param] int features = 64, [Param] int width = 128)
        => x.Linear(width, key: "first").PRelu(key: "first_slope").Linear(width, key: "second").PRelu(key: "second_slope")
            .Linear(1, key: "out");
}
