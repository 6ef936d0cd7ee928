using Hybrid;

namespace Hybrid.Models.Systems.LensFinding;

public static class EncoderHead
{
    [Block]
    public static Sym Of(Sym map) => map.MeanPool2d().Dropout().Linear(256).PRelu();
}
