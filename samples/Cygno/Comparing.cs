using System;
using System.Globalization;
using System.IO;
using System.Linq;
using Hybrid.Data.Formats;
using Hybrid.Models.Evaluation;

namespace Hybrid.Samples.Cygno;

/// <summary>./hybrid cygno compare: a run beside baselines on the same images, with paired differences.</summary>
internal static class Comparing
{
    /// <summary>Prints a table; returns 0 where the run is nowhere surely worse than a baseline, else 3.</summary>
    public static int Print(string run, string baselines)
    {
        var (ours, theirs) = (Scores(run, "scores.csv"), Scores(baselines, "baselines.csv"));
        if (!ours.Texts("hash").SequenceEqual(theirs.Texts("hash")))
            throw new InvalidDataException(
                $"{baselines}: expected scores of the images that judged {run}, got those of others. "
                    + "Run baselines with the run's --images, --validation, --unseen, --energies and --seed.");
        var (score, energy) = (ours.Reals("score"), ours.Reals("energy_kev"));
        bool[] nuclear = [.. ours.Texts("kind").Select(kind => kind == "NR")];
        var (all, keV) = (Enumerable.Range(0, score.Length).ToArray(), energy.Distinct().Order().ToArray());
        var others = new[] { Baselines.Exercise, Baselines.Published, Baselines.Classical }
            .Select(name => (Name: name, Scores: theirs.Reals(name))).ToArray();
        var isWorse = false;
        Console.WriteLine("AUC with its 95 % interval, and the difference to it of others on the same images (DeLong)");
        Row("all", all);
        if (keV.Length <= 40)
            foreach (var one in keV)
                Row(FormattableString.Invariant($"{one:0.##} keV"), [.. all.Where(i => energy[i] == one)]);
        var errors = new[] { Baselines.Published, Baselines.Classical }.Select(name => $"{name} {Error(theirs, name + "_kev")}");
        Console.WriteLine($"mean absolute error of the energy: {Error(ours, "estimated_kev")}, {string.Join(", ", errors)}");
        return isWorse ? 3 : 0;

        void Row(string what, int[] places)
        {
            var kinds = Of(nuclear, places);
            if (!kinds.Contains(true) || !kinds.Contains(false)) return;
            var own = Of(score, places);
            Console.WriteLine($"{what,-8} {Roc.Area(own, kinds)}  "
                + string.Join("  ", others.Select(Beside)));

            string Beside((string Name, double[] Scores) other)
            {
                var difference = Roc.Compare(own, Of(other.Scores, places), kinds);
                isWorse |= difference.High < 0;
                string[] ends = [.. new[] { difference.Difference, difference.Low, difference.High }
                    .Select(value => value.ToString("+0.0000;-0.0000", CultureInfo.InvariantCulture))];
                return $"{other.Name} {ends[0]} ({ends[1]} to {ends[2]})";
            }
        }

        string Error(Catalogue table, string column)
        {
            var mean = table.Reals(column).Zip(energy, (estimate, truth) => Math.Abs(estimate - truth)).Average();
            return FormattableString.Invariant($"{mean:0.00} keV");
        }

        static T[] Of<T>(T[] values, int[] places) => [.. places.Select(i => values[i])];
    }

    private static Catalogue Scores(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path)
            ? Catalogue.Read(path)
            : throw new FileNotFoundException($"{folder}: expected a folder with {name}, found none.");
    }
}
