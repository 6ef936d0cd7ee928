namespace Hybrid.Data.Systems.Blase

open MathNet.Numerics.LinearAlgebra
open Hybrid.Data

/// How often each bin was filled in the set that networks were trained on, from their weights alone: the running mean m of the batch
/// normalisation after the first layer is W·E[x] + b, and the mask's mean is part of E[x].
[<AbstractClass; Sealed>]
type SedOccupancy =

    /// Least squares over all networks of a release: W E[x] = m − b.
    /// weights : (H, 2·bins) of the first layer, row by row, one a network;  biases, runningMeans : (H).
    /// Returns the mean of each input: scaled flux times mask, then the mask. The first half is near 0 by construction, which checks the
    /// method.
    static member MeanInput(weights: float32[][], biases: float32[][], runningMeans: float32[][], inputs: int) : float[] =
        if weights.Length = 0 || biases.Length <> weights.Length || runningMeans.Length <> weights.Length then
            invalidArg (nameof weights) $"SedOccupancy: expected one weight, bias and running mean for each network, got \
                {weights.Length}, {biases.Length} and {runningMeans.Length}."

        for k in 0 .. weights.Length - 1 do
            if biases[k].Length <> runningMeans[k].Length || weights[k].Length <> biases[k].Length * inputs then
                invalidArg (nameof weights) $"SedOccupancy, network {k}: expected weights (H, {inputs}) with H biases and H means, got \
                    {weights[k].Length}, {biases[k].Length} and {runningMeans[k].Length} number{Plural.s (runningMeans[k].Length)}."

        let matrix = Matrix<float>.Build.Dense(biases |> Array.sumBy _.Length, inputs)
        let right = Vector<float>.Build.Dense(matrix.RowCount)
        let mutable row = 0

        for k in 0 .. weights.Length - 1 do
            for h in 0 .. biases[k].Length - 1 do
                for i in 0 .. inputs - 1 do
                    matrix[row, i] <- float weights[k].[h * inputs + i]

                right[row] <- float runningMeans[k].[h] - float biases[k].[h]
                row <- row + 1

        // Normal equations: a few tens of unknowns against thousands of well-conditioned rows.
        matrix.TransposeThisAndMultiply(matrix).Solve(matrix.TransposeThisAndMultiply right).ToArray()

    /// The shares of filled bins in a set.
    static member Of(seds: BinnedSeds) : float[] =
        if seds.Count = 0 then
            invalidArg (nameof seds) "SedOccupancy.Of: expected at least one SED, got none."

        Array.init seds.BinCount (fun b -> (seds.Rows |> Seq.filter (fun row -> row[b] <> 0.0) |> Seq.length |> float) / float seds.Count)
