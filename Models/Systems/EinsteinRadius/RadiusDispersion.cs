using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hybrid.Data.Cache;
using Hybrid.Data.Formats;
using Hybrid.Models.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Hybrid.Models.Systems.EinsteinRadius;

/// <summary>Radii that a network gave after an epoch beside the true ones, arcsec; one way round, without averages over turns.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="IsValidation">Whether the images are those to choose by; else training images.</param>
/// <param name="Truth">θ_E.</param>
/// <param name="Estimate">exp of the mean of ln θ_E.</param>
public sealed record RadiusDispersion(int Epoch, bool IsValidation, double[] Truth, double[] Estimate)
{
    /// <summary>A technique's file of them.</summary>
    public const string FileName = "dispersion.csv";

    private static readonly string[] _columns = ["epoch", "validation", "theta_e", "estimate"];

    /// <summary>(Estimate − truth)/truth.</summary>
    public double[] FractionalError => Truth.Zip(Estimate, (truth, estimate) => (estimate - truth) / truth).ToArray();

    /// <summary>Mean squared error, arcsec².</summary>
    public double Mse => Truth.Zip(Estimate, (truth, estimate) => (estimate - truth) * (estimate - truth)).Average();

    /// <summary>Those of a technique's folder, by epoch; none where it has no such file.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static IReadOnlyList<RadiusDispersion> Read(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return [];
        var table = Catalogue.Read(path);
        double[] Reals(string name) => table.Reals(name, double.MinValue, double.MaxValue);
        var (epochs, validation, truth, estimate) = (Reals("epoch"), Reals("validation"), Reals("theta_e"), Reals("estimate"));
        return Enumerable.Range(0, epochs.Length).GroupBy(row => (Epoch: (int)epochs[row], IsValidation: validation[row] > 0.5))
            .OrderBy(group => group.Key.Epoch).ThenBy(group => group.Key.IsValidation)
            .Select(group => new RadiusDispersion(
                group.Key.Epoch, group.Key.IsValidation, [.. group.Select(row => truth[row])], [.. group.Select(row => estimate[row])]))
            .ToArray();
    }

    private static void Write(string folder, IReadOnlyList<RadiusDispersion> all)
    {
        double[] Joined(Func<RadiusDispersion, IEnumerable<double>> of) => [.. all.SelectMany(of)];
        long[] Each(Func<RadiusDispersion, long> of) => [.. all.SelectMany(one => Enumerable.Repeat(of(one), one.Truth.Length))];
        Catalogue.Write(
            Path.Combine(folder, FileName), _columns,
            [
                Each(one => one.Epoch), Each(one => one.IsValidation ? 1 : 0), Joined(one => one.Truth), Joined(one => one.Estimate),
            ]);
    }

    /// <summary>
    /// After each epoch: the dispersion on some training images and on every validation image, into the run's folder, as the original's
    /// callback draws it; their mean squared errors and the validation's mean |fractional error| as metrics. It chooses nothing.
    /// </summary>
    /// <param name="outputs">Of images, (B, 2): mean and variance of ln θ_E.</param>
    /// <param name="training">Of which a batch is looked at.</param>
    /// <param name="validation">All of which are.</param>
    /// <param name="device">Where the network is.</param>
    internal sealed class Recorder(Func<Tensor, Tensor> outputs, Cache training, Cache validation, Device device) : FitCallback
    {
        private const int TrainingImages = 256;
        private RadiusDispersion? _ofTraining, _ofValidation;

        /// <summary>What <see cref="TrainingOptions.AfterEpoch"/> asks for.</summary>
        public IReadOnlyDictionary<string, double> Measured()
        {
            _ofTraining = Of(training, TrainingImages, isValidation: false);
            _ofValidation = Of(validation, int.MaxValue, isValidation: true);
            return new Dictionary<string, double>
            {
                ["training MSE"] = _ofTraining.Mse, ["validation MSE"] = _ofValidation.Mse,
                ["validation |fractional error|"] = _ofValidation.FractionalError.Average(Math.Abs),
            };
        }

        /// <inheritdoc/>
        public override void OnEpochEnd(FitContext fit, EpochRecord record)
        {
            ArgumentNullException.ThrowIfNull(fit);
            if (fit.Options.Directory is not { } folder || _ofTraining is null || _ofValidation is null) return;
            // A run that continues may do an epoch again.
            var earlier = Read(folder).Where(one => one.Epoch < fit.Epoch);
            Write(folder, [.. earlier, _ofTraining with { Epoch = fit.Epoch }, _ofValidation with { Epoch = fit.Epoch }]);
        }

        private RadiusDispersion Of(Cache images, int most, bool isValidation)
        {
            using var _ = no_grad();
            var (truth, estimate) = (new List<double>(), new List<double>());
            var sizes = new BatchOptions { BatchSize = Math.Min(250, images.Count), Shuffle = false };
            foreach (var batch in new CacheBatches(images, sizes, "image", "theta_e").Epoch(0, 0))
            {
                using var scope = NewDisposeScope();
                truth.AddRange(batch["theta_e"].to(ScalarType.Float64).data<double>());
                estimate.AddRange(outputs(batch["image"].to(device)).select(1, 0).exp().cpu().to(ScalarType.Float64).data<double>());
                if (truth.Count >= most) break;
            }
            return new RadiusDispersion(0, isValidation, [.. truth], [.. estimate]);
        }
    }
}
