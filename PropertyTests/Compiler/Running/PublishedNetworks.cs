using System;
using System.Collections.Generic;
using System.Linq;
using Hybrid.Models.Networks;
using Hybrid.PropertyTests.Zoo.Literature;
using TorchSharp;

namespace Hybrid.PropertyTests.Compiler.Running;

/// <summary>The networks of the package, Models/Networks and Models/Systems, and those of the literature that stand in the zoo.</summary>
internal static class PublishedNetworks
{
    /// <summary>All of them, by name; a locked one is left out, since its source is not read without its lock file.</summary>
    public static readonly IReadOnlyDictionary<string, Type> All = typeof(ResNet18).Assembly.GetExportedTypes()
        .Where(type => type.Namespace == typeof(ResNet18).Namespace
            || type.Namespace!.StartsWith("Hybrid.Models.Systems.", StringComparison.Ordinal))
        .Concat(typeof(TransformerEncoder).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(TransformerEncoder).Namespace))
        .Where(type => !type.IsNested && type.IsSubclassOf(typeof(torch.nn.Module))
            && type.GetCustomAttributes(typeof(NetworkAttribute), false) is [NetworkAttribute { Lock: false }])
        .OrderBy(type => type.Name, StringComparer.Ordinal).ToDictionary(type => type.Name);

    /// <summary>The sizes that a network has by default.</summary>
    public static Dictionary<string, int> Sizes(Type network) => network.GetConstructors().Single().GetParameters()
        .Where(parameter => parameter.ParameterType == typeof(long))
        .ToDictionary(parameter => parameter.Name!, parameter => (int)(long)parameter.DefaultValue!);

    /// <summary>Those that are small enough to be drawn, differentiated and saved in a test.</summary>
    public static IReadOnlyList<string> Small =>
    [
        nameof(AffineCoupling), nameof(Autoencoder), nameof(CrossAttention), nameof(Models.Systems.LensFinding.DomainDiscriminator),
        nameof(FullyConvolutional), nameof(GruRegressor), nameof(LstmClassifier), nameof(MixtureDensity), nameof(SeriesTransformer),
        nameof(SiameseImages), nameof(SmallVisionTransformer), nameof(SpectralMlp), nameof(TemporalConvolution),
        nameof(TextClassifier), nameof(TransformerEncoder), nameof(VariationalAutoencoder),
    ];
}
