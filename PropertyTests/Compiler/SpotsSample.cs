using System;
using System.IO;
using System.Linq;
using Xunit;

namespace Hybrid.PropertyTests.Compiler;

/// <summary>
/// samples/Spots, the smallest complete system: run as a user runs it, from simulated FITS files to what the run's folder holds.
/// </summary>
public sealed class SpotsSample
{
    [Fact]
    public void Program_GoesFromFilesToAResult()
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-spots-");
        try
        {
            var (code, output, errors) = Run(
                folder.FullName, "--simulate", "400", "--data", "raw", "--output", "run",
                "--epochs", "10", "--patience", "10", "--seed", "1", "--device", "cpu", "--no-figures");
            Assert.True(code == 0, errors);
            SavedOptions.Require(
                Path.Combine(folder.FullName, "run", "options.json"), ("epochs", 10), ("patience", 10), ("seed", 1));
            Assert.Matches(@"^10 epochs, \d+ steps, [\d.]+ s; best loss [\d.e-]+ at epoch \d+; all epochs or steps done\s*$", output);
            Assert.Equal(400, Directory.GetFiles(Path.Combine(folder.FullName, "raw"), "*.fits").Length);
            var last = File.ReadLines(Path.Combine(folder.FullName, "run", "history.jsonl")).Last();
            var accuracy = System.Text.Json.JsonDocument.Parse(last).RootElement.GetProperty("metrics").GetProperty("accuracy").GetDouble();
            Assert.True(accuracy > 0.85, $"accuracy {accuracy}");

            // The folder is not overwritten, and a run may be continued.
            (code, _, errors) = Run(folder.FullName, "--data", "raw", "--output", "run", "--no-figures");
            Assert.Equal(1, code);
            Assert.Contains(
                "holds a run. Give --resume to continue it, --overwrite to replace it, or another folder.",
                errors, StringComparison.Ordinal);
            (code, output, errors) = Run(folder.FullName, "--data", "raw", "--output", "run", "--resume", "--epochs", "10", "--no-figures");
            Assert.True(code == 0 && output.StartsWith("10 epochs", StringComparison.Ordinal), output + errors);
            (code, output, errors) = Run(
                folder.FullName, "--data", "raw", "--output", "run", "--overwrite", "--epochs", "1", "--seed", "2", "--no-figures");
            Assert.True(code == 0 && output.StartsWith("1 epoch,", StringComparison.Ordinal), output + errors);
            (code, _, errors) = Run(folder.FullName, "--data", "nothing");
            Assert.Equal(
                (1, "spots: --data: nothing has no FITS images. Name another folder, or make some with --simulate 600."),
                (code, errors.Trim()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Output, string Errors) Run(string folder, params string[] arguments)
        => DotnetProcess.Run(folder, [typeof(RingFinder).Assembly.Location, .. arguments]);
}
