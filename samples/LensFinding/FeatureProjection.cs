using System;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Models.Adaptation;
using Hybrid.Models.Systems.LensFinding;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Samples.LensFinding;

/// <summary>Features of both domains on the two directions in which they vary most.</summary>
public sealed record FeatureProjection(string Method, string Backbone, double[] X, double[] Y, bool[] IsTarget, bool[] IsLens)
{
    private const int Most = 400;

    /// <summary>Of the first images of source and test set.</summary>
    public static FeatureProjection Of(string method, string backbone, EncoderWithHead classifier, Cache source, Cache test, Device device)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (LensScores.Features(classifier, source, Most, device), LensScores.Features(classifier, test, Most, device));
        var all = cat([a, b]);
        var centred = all - all.mean([0L], keepdim: true);
        var (_, _, directions) = linalg.svd(centred, fullMatrices: false);
        var places = centred.matmul(directions.narrow(0, 0, 2).t()).to(ScalarType.Float64);
        var (fromSource, fromTest) = ((int)a.size(0), (int)b.size(0));
        return new FeatureProjection(
            method, backbone,
            places.select(1, 0).contiguous().data<double>().ToArray(), places.select(1, 1).contiguous().data<double>().ToArray(),
            Enumerable.Range(0, fromSource + fromTest).Select(i => i >= fromSource).ToArray(),
            source.Integers("label").Take(fromSource).Concat(test.Integers("label").Take(fromTest)).Select(label => label == 1).ToArray());
    }
}
