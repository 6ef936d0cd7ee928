namespace Hybrid.Samples.Blase

open Hybrid.Data.Systems.Blase
open Hybrid.Models.Systems.Blase

/// What determines a training run, as options.json has it.
type TrainingRun =
    { /// Folder or zip of the SEDs.
      Seds: string
      /// SHA-256 over the binned SEDs with labels and groups.
      Data: string
      Sources: int
      Training: PeakTrainingOptions
      Threads: int
      Device: string }

/// What a simulated set was made by, as recipe.json has it.
type SimulationRecipe =
    { Count: int
      Seed: int64
      /// SHA-256 of the recipe's text (recipe.txt).
      RecipeHash: string
      /// SHA-256 of the file of physical spectra.
      SpectraHash: string
      UsableSpectra: int
      UsedSpectra: int }

/// A simulated set beside the original, as realism.json has it.
type RealismRecord = { Recipe: SimulationRecipe; Realism: SedRealism }
