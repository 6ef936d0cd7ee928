using System;
using System.Collections.Generic;
using System.Linq;

namespace Hybrid.Models.Training;

/// <summary>Which epochs are better than those before, for each member: what best weights, patience and plateaus follow.</summary>
internal sealed class Judge(TrainingOptions options, FitState state)
{
    /// <summary>The watched values among what an epoch measured: one, or one for each member.</summary>
    /// <param name="measured">Validation loss and metrics by name.</param>
    /// <param name="trainingLoss">Of each member.</param>
    /// <exception cref="ArgumentException">There is no metric of the name that the options give.</exception>
    public double[] Watched(IReadOnlyDictionary<string, double[]> measured, double[] trainingLoss)
    {
        if (options.Monitor == "loss") return measured.TryGetValue("validationLoss", out var validation) ? validation : trainingLoss;
        if (options.Monitor != "validationLoss" && measured.TryGetValue(options.Monitor, out var values)) return values;
        var known = measured.Keys.Where(name => name is not ("validationLoss" or "trainingLoss")).Prepend("loss");
        throw new ArgumentException(
            $"TrainingOptions.Monitor: expected one of {string.Join(", ", known)}, got '{options.Monitor}'.",
            nameof(TrainingOptions.Monitor));
    }

    /// <summary>
    /// Members whose value is their best so far, noted as such. One number for all members of an ensemble is the value of each.
    /// </summary>
    public List<int> Improved(double[] watched)
    {
        var improved = new List<int>();
        for (var member = 0; member < state.Best.Length; member++)
        {
            var (value, best) = (watched[watched.Length == 1 ? 0 : member], state.Best[member]);
            var gain = options.HigherIsBetter ? value - best : best - value;
            if (!double.IsFinite(value) || !(double.IsNaN(best) || gain > options.MinImprovement)) continue;
            (state.Best[member], state.BestEpochs[member]) = (value, state.Epoch + 1);
            improved.Add(member);
        }
        if (improved.Count > 0) state.EpochsWithoutBetter = 0;
        else if (state.Epoch >= options.MinEpochs) state.EpochsWithoutBetter++;
        return improved;
    }
}
