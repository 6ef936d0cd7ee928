using Hybrid;

namespace Hybrid.Models.Networks;

/// <summary>Configuration D of Simonyan and Zisserman 2015.</summary>
[Network(Dims = "B:batch")]
public partial class Vgg16
{
    [Spec]
    [return: Shape("B, 1000")]
    internal static Sym Forward([Shape("B, 3, 224, 224")] Sym image)
    {
        var x = image;
        for (var stage = 0; stage < 5; stage++)
        {
            for (var i = 0; i < (stage < 2 ? 2 : 3); i++) x = x.Conv2d(stage < 3 ? 64 << stage : 512, k: 3, pad: 1).Relu();
            x = x.MaxPool2d(2);
        }
        x = x.Is("B, 512, 7, 7").Flatten();
        return x.Linear(4096).Relu().Dropout().Linear(4096).Relu().Dropout().Linear(1000);
    }
}
