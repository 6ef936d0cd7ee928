using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Data.Cache;
using Hybrid.Samples.Serving.Events;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>Accepted means on the disk, and scored once, wherever the process was killed.</summary>
public sealed class PipelineLaws
{
    private static PipelineOptions Options(string folder, int batch = 8, long journalBytes = 600)
        => new() { Folder = folder, Model = "0123456789abcdef", Batch = batch, LinesPerFile = 7, JournalBytes = journalBytes };

    private static void InFolder(Action<string> work)
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-serve-");
        try
        {
            work(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What a killed process leaves: its files as the system has them, at some moment.</summary>
    private static string Copied(string folder, string target)
    {
        foreach (var file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            var path = Path.Combine(target, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                if (!file.EndsWith(".lock", StringComparison.Ordinal)) Copy(file, path);
            }
            catch (FileNotFoundException)
            {
                // Removed between the list and the copy: its results were copied before or stand in a file that is copied later.
            }
        }
        return target;
    }

    private static void Copy(string file, string path)
    {
        using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = File.Create(path);
        source.CopyTo(target);
    }

    private static JsonElement[] Results(string folder)
        => [.. Directory.GetFiles(folder, "results-*.jsonl").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement)];

    private static void ScoredOnce(string folder, IReadOnlyDictionary<long, byte> accepted)
    {
        var results = Results(folder).ToLookup(result => result.GetProperty("id").GetInt64());
        foreach (var (id, value) in accepted)
        {
            var found = results[id].ToArray();
            Assert.True(found.Length == 1, $"event {id} has {found.Length} results of {results.Count}");
            Assert.Equal(value / 255.0, found[0].GetProperty("mean").GetDouble(), 1e-6);
        }
        Assert.True(results.All(result => result.Count() == 1), "an event was scored twice");
    }

    /// <summary>Any number of events in any batches, over any number of orderly restarts.</summary>
    [SeededProperty(MaxTest = 25)]
    public Property Events_AreScoredOnce_OverRestarts()
    {
        var cases = from rounds in Gen.Choose(1, 4)
                    from counts in Gen.ArrayOf(Gen.Choose(0, 20), rounds)
                    from batch in Gen.Elements(1, 3, 8)
                    select (counts, batch);
        return Prop.ForAll(cases.ToArbitrary(), c => InFolder(folder =>
        {
            var accepted = new Dictionary<long, byte>();
            byte value = 0;
            foreach (var count in c.counts)
            {
                using var scorer = new ToyScorer();
                using var pipeline = new ScoringPipeline(Options(folder, c.batch), scorer);
                Assert.Equal(0, pipeline.Recovered);
                var values = Enumerable.Range(0, count).Select(_ => value++).ToArray();
                var events = Task.WhenAll(values.Select(
                    one => pipeline.Accept("http", $"{one}", DateTimeOffset.UtcNow, scorer.Of(one)))).GetAwaiter().GetResult();
                for (var i = 0; i < count; i++) accepted.Add(events[i].Id, values[i]);
            }
            ScoredOnce(folder, accepted);
            Assert.Equal(accepted.Count, Results(folder).Length);
            // The journal has nothing left to say, and each file of lines has its Parquet.
            Assert.Empty(Directory.GetFiles(Path.Combine(folder, "journal"), "*.events"));
            var rows = Directory.GetFiles(folder, "results-*.parquet").SelectMany(path => ParquetFile.ReadPieces(path))
                .Sum(piece => piece.Count);
            Assert.Equal(accepted.Count, rows);
        }));
    }

    /// <summary>
    /// The folder as it is at some moment, perhaps with the journal's or the results' last bytes missing, is what a killed process leaves.
    /// </summary>
    [SeededProperty(MaxTest = 20)]
    public Property AcceptedEvents_SurviveAKill()
    {
        var cases = from events in Gen.Choose(1, 20)
                    from scored in Gen.Choose(0, 20)
                    from batch in Gen.Elements(1, 3, 8)
                    from tornResult in Gen.Choose(0, 30)
                    select (events, scored, batch, tornResult);
        return Prop.ForAll(cases.ToArbitrary(), c => InFolder(root =>
        {
            var (folder, copy) = (Path.Combine(root, "live"), Path.Combine(root, "killed"));
            var accepted = new Dictionary<long, byte>();
            using (var gate = new ManualResetEventSlim(true))
            {
                using var scorer = new ToyScorer { Gate = gate };
                using var pipeline = new ScoringPipeline(Options(folder, c.batch), scorer);
                for (var i = 0; i < c.events; i++)
                {
                    if (i == c.scored) gate.Reset();
                    var item = pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of((byte)i)).GetAwaiter().GetResult();
                    accepted.Add(item.Id, (byte)i);
                    if (i < c.scored) item.Scored.Wait(TestContext.Current.CancellationToken);
                }
                Copied(folder, copy);
                gate.Set();
            }
            // The last line of results, cut off; a journal's file is removed only when its results are on the disk.
            if (c.tornResult > 0 && IsLastInJournal(copy))
            {
                var last = Directory.GetFiles(copy, "results-*.jsonl").Order(StringComparer.Ordinal)
                    .Last(path => new FileInfo(path).Length > 0);
                using var file = new FileStream(last, FileMode.Open);
                file.SetLength(file.Length - c.tornResult);
            }
            using (var scorer = new ToyScorer())
            {
                using var again = new ScoringPipeline(Options(copy, c.batch), scorer);
                var next = again.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of(200)).GetAwaiter().GetResult();
                Assert.True(next.Id > accepted.Keys.Max(), $"the number {next.Id} was given twice");
                accepted.Add(next.Id, 200);
            }
            ScoredOnce(copy, accepted);
            ScoredOnce(folder, accepted.Where(one => one.Value != 200).ToDictionary());
        }));

        static bool IsLastInJournal(string folder)
        {
            if (Results(folder) is not [.., var last]) return false;
            var id = last.GetProperty("id").GetInt64();
            return Directory.GetFiles(Path.Combine(folder, "journal"), "*.events")
                .Any(path => File.ReadAllBytes(path).AsSpan().IndexOf(BitConverter.GetBytes(id)) >= 0);
        }
    }

    /// <summary>A journal that was cut anywhere gives the events that are whole in it.</summary>
    [SeededProperty(MaxTest = 25)]
    public Property CutJournal_GivesItsWholeEvents()
    {
        var cases = from events in Gen.Choose(1, 12) from cut in Gen.Choose(0, 3000) select (events, cut);
        return Prop.ForAll(cases.ToArbitrary(), c => InFolder(root =>
        {
            var (folder, copy) = (Path.Combine(root, "live"), Path.Combine(root, "cut"));
            using (var gate = new ManualResetEventSlim(false))
            {
                using var scorer = new ToyScorer { Gate = gate };
                using var pipeline = new ScoringPipeline(Options(folder, journalBytes: 1 << 20), scorer);
                for (var i = 0; i < c.events; i++)
                    pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of((byte)i)).GetAwaiter().GetResult();
                Copied(folder, copy);
                gate.Set();
            }
            var journal = Directory.GetFiles(Path.Combine(copy, "journal"), "*.events").Single();
            var length = new FileInfo(journal).Length;
            var record = length / c.events; // all are of one size
            var kept = Math.Max(0, length - c.cut);
            using (var file = new FileStream(journal, FileMode.Open)) file.SetLength(kept);
            using (var scorer = new ToyScorer())
            {
                using var again = new ScoringPipeline(Options(copy), scorer);
                Assert.Equal((int)(kept / record), again.Recovered);
            }
            Assert.Equal(Enumerable.Range(1, (int)(kept / record)), Results(copy).Select(result => result.GetProperty("id").GetInt32()));
        }));
    }

    [Fact]
    public void EventsThatWait_AreScoredTogether_AndTooManyAreRefused()
        => InFolder(folder =>
        {
            using var gate = new ManualResetEventSlim(false);
            using var scorer = new ToyScorer { Gate = gate };
            var options = Options(folder, batch: 8) with { MostPending = 20 };
            using (var pipeline = new ScoringPipeline(options, scorer))
            {
                for (var i = 0; i < 20; i++)
                    pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of((byte)i)).GetAwaiter().GetResult();
                var refused = Assert.Throws<PipelineFullException>(
                    () => pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of(99)).GetAwaiter().GetResult());
                Assert.Equal("20 events wait to be scored. Send it again later.", refused.Message);
                gate.Set();
            }
            // The first came alone or with few, the others eight at a time.
            Assert.Equal(20, scorer.Batches.Sum());
            Assert.True(scorer.Batches.Count <= 4 && scorer.Batches.Max() == 8, string.Join(' ', scorer.Batches));
            Assert.Equal(20, Results(folder).Length);
        });

    [Fact]
    public void OneEventThatCannotBeScored_LeavesTheOthers()
        => InFolder(folder =>
        {
            using var gate = new ManualResetEventSlim(false);
            using var scorer = new ToyScorer { Gate = gate, DislikesThirteen = true };
            using (var pipeline = new ScoringPipeline(Options(folder), scorer))
            {
                for (var i = 10; i < 16; i++)
                    pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of((byte)i)).GetAwaiter().GetResult();
                gate.Set();
            }
            var results = Results(folder);
            Assert.Equal(6, results.Length);
            Assert.Equal("thirteen is refused", results[3].GetProperty("error").GetString());
            Assert.Equal(JsonValueKind.Null, results[3].GetProperty("mean").ValueKind);
            Assert.DoesNotContain(results.Where((_, i) => i != 3), result => result.TryGetProperty("error", out _));
        });

    [Fact]
    public void FolderOfAnotherServiceOrModel_IsRefused()
        => InFolder(root =>
        {
            var (folder, copy) = (Path.Combine(root, "live"), Path.Combine(root, "left"));
            using (var gate = new ManualResetEventSlim(false))
            {
                using var scorer = new ToyScorer { Gate = gate };
                using var pipeline = new ScoringPipeline(Options(folder), scorer);
                var busy = Assert.Throws<IOException>(() => new ScoringPipeline(Options(folder), scorer));
                Assert.Equal($"--output: {folder} is in use by another service. Give another folder.", busy.Message);
                pipeline.Accept("http", "", DateTimeOffset.UtcNow, scorer.Of(1)).GetAwaiter().GetResult();
                Copied(folder, copy);
                gate.Set();
            }
            var note = Path.Combine(copy, "journal", "journal.txt");
            File.WriteAllText(note, "centreCrop(8, 8)");
            using var other = new ToyScorer();
            var refused = Assert.Throws<InvalidDataException>(() => new ScoringPipeline(Options(copy), other));
            const string words = "holds 1 accepted event that went through 'centreCrop(8, 8)', this model takes";
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        });
}
