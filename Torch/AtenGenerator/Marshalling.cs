using Microsoft.CodeAnalysis;

namespace Hybrid.Torch.AtenGenerator;

/// <summary>How a C# parameter becomes a value on the native stack.</summary>
internal enum Marshalling
{
    Unknown,

    /// <summary>One call of <c>Value.From</c>: tensors, numbers, bools, scalars, dtypes, devices, generators, and their nullable forms.</summary>
    Single,

    /// <summary>An enum passed as its number.</summary>
    Enum,

    /// <summary>An array of long, double or bool, pinned for the call.</summary>
    Array,

    /// <summary>A span of long.</summary>
    Span,

    /// <summary>A value tuple of two to four longs.</summary>
    Tuple2,
    Tuple3,
    Tuple4,

    /// <summary>Tensor[], IList&lt;Tensor&gt; or IEnumerable&lt;Tensor&gt;.</summary>
    Tensors,

    /// <summary>ReadOnlySpan&lt;Tensor&gt;.</summary>
    TensorSpan,

    Text,
}

internal static class MarshallingOf
{
    public static Marshalling Type(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol { Rank: 1 } array)
        {
            if (array.ElementType.Name == "Tensor") return Marshalling.Tensors;
            return array.ElementType.SpecialType is SpecialType.System_Int64 or SpecialType.System_Double or SpecialType.System_Boolean
                ? Marshalling.Array : Marshalling.Unknown;
        }

        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            var inner = Type(nullable.TypeArguments[0]);
            return inner is Marshalling.Single ? inner : Marshalling.Unknown;
        }

        switch (type.SpecialType)
        {
            case SpecialType.System_Int32 or SpecialType.System_Int64 or SpecialType.System_Double or SpecialType.System_Single or SpecialType.System_Boolean:
                return Marshalling.Single;
            case SpecialType.System_String:
                return Marshalling.Text;
        }

        if (type is INamedTypeSymbol { IsTupleType: true } tuple)
        {
            foreach (var element in tuple.TupleElements)
            {
                if (element.Type.SpecialType != SpecialType.System_Int64) return Marshalling.Unknown;
            }

            return tuple.TupleElements.Length switch { 2 => Marshalling.Tuple2, 3 => Marshalling.Tuple3, 4 => Marshalling.Tuple4, _ => Marshalling.Unknown };
        }

        if (type is INamedTypeSymbol { TypeArguments.Length: 1 } generic)
        {
            var element = generic.TypeArguments[0];
            if (generic.Name == "ReadOnlySpan")
            {
                return element.Name == "Tensor" ? Marshalling.TensorSpan : element.SpecialType == SpecialType.System_Int64 ? Marshalling.Span : Marshalling.Unknown;
            }

            return element.Name == "Tensor" && generic.Name is "IList" or "IEnumerable" ? Marshalling.Tensors : Marshalling.Unknown;
        }

        if (type.TypeKind == TypeKind.Enum && type.Name != "ScalarType") return Marshalling.Enum;
        return type.Name is "Tensor" or "Parameter" or "Scalar" or "ScalarType" or "Device" or "Generator" ? Marshalling.Single : Marshalling.Unknown;
    }
}
