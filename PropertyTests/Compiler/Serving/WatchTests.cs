using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Images;
using Hybrid.Samples.Serving.Events;
using Hybrid.Samples.Serving.Storage;
using Hybrid.Samples.Serving.Watching;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>Files that appear in a folder or a bucket are events, each once, also over restarts.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("hybrid-watch-");
    private readonly List<string> _said = [];

    private string Inbox => Path.Combine(_root.FullName, "inbox");

    private string State => Path.Combine(_root.FullName, "state");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task NewFiles_AreScoredOnce_AndBadOnesAreNamed()
    {
        Directory.CreateDirectory(Path.Combine(Inbox, "run1"));
        Put("run1/a.png", ToyScorer.PngOf(51));
        Put("bad.png", [1, 2, 3]);
        Put("notes.txt", [1]);
        await Looked(async watch =>
        {
            Assert.Equal(2, await watch.Look(Stop));
            Assert.Equal(0, await watch.Look(Stop));
            Put("b.png", ToyScorer.PngOf(102));
            Assert.Equal(1, await watch.Look(Stop));
        });
        Assert.Equal(["run1/a.png", "b.png"], Names());
        Assert.Equal(["refused bad.png: expected a PNG, which begins with the bytes 89504E470D0A1A0A, got 010203."], _said);
        var refused = JsonDocument.Parse(File.ReadLines(Path.Combine(State, "refused.jsonl")).Single()).RootElement;
        Assert.Equal("bad.png", refused.GetProperty("name").GetString());

        // Another process knows them all; a file that was changed since is another event.
        await Looked(async watch =>
        {
            Assert.Equal(0, await watch.Look(Stop));
            Put("b.png", ToyScorer.PngOf(204, 7, 7));
            Assert.Equal(1, await watch.Look(Stop));
        });
        Assert.Equal(["run1/a.png", "b.png", "b.png"], Names());
        Assert.Equal(4, Directory.GetFiles(Inbox, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task FileThatIsBeingWritten_WaitsUntilItIsWhole()
    {
        Directory.CreateDirectory(Inbox);
        var png = ToyScorer.PngOf(51);
        await Looked(async watch =>
        {
            File.WriteAllBytes(Path.Combine(Inbox, "a.png"), png[..30]);
            Assert.Equal(0, await watch.Look(Stop));
            File.WriteAllBytes(Path.Combine(Inbox, "a.png"), png);
            Assert.Equal(0, await watch.Look(Stop)); // it looks different
            Assert.Equal(1, await watch.Look(Stop)); // the same twice
        });
        Assert.Equal(["a.png"], Names());
        Assert.Empty(_said);
    }

    [Fact]
    public async Task FolderThatDisappears_IsReported_AndTakenUpAgain()
    {
        Directory.CreateDirectory(Inbox);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await Looked(async watch =>
        {
            var running = watch.Run(ends.Token);
            Directory.Delete(Inbox);
            await Until(() => _said.Count == 1);
            Directory.CreateDirectory(Inbox);
            Put("a.png", ToyScorer.PngOf(51));
            await Until(() => Names().Length == 1);
            await ends.CancelAsync();
            await running;
        });
        Assert.Equal(
            [$"{Inbox}: expected a folder to watch, there is none. It is tried again.", $"{Inbox} can be reached again"], _said);
    }

    [Fact]
    public async Task ObjectsOfABucket_AreScoredOnce()
    {
        using var server = new S3Server();
        using var store = new ObjectStore(server.Options());
        foreach (var (key, value) in new[] { ("daq/1.png", 51), ("daq/2.png", 102), ("other/3.png", 153) })
            await PutObject(store, key, value);
        var place = new WatchedPrefix(store, "daq/");
        await Looked(async watch => Assert.Equal(2, await watch.Look(Stop)), place);
        await Looked(
            async watch =>
            {
                Assert.Equal(0, await watch.Look(Stop));
                await PutObject(store, "daq/4.png", 204);
                Assert.Equal(1, await watch.Look(Stop));
            },
            place);
        Assert.Equal(["daq/1.png", "daq/2.png", "daq/4.png"], Names().Order(StringComparer.Ordinal));
    }

    private static async Task PutObject(ObjectStore store, string key, int value)
    {
        var path = Path.GetTempFileName();
        File.WriteAllBytes(path, ToyScorer.PngOf(value));
        await store.Put(key, path, Stop);
        File.Delete(path);
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 200 && !holds(); i++) await Task.Delay(25, Stop);
        Assert.True(holds(), "it did not happen within five seconds");
    }

    /// <summary>Writes a file that was there for a minute.</summary>
    private void Put(string name, byte[] bytes)
    {
        var path = Path.Combine(Inbox, name);
        File.WriteAllBytes(path, bytes);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(-1));
    }

    private async Task Looked(Func<EventWatch, Task> work, IWatchedPlace? place = null)
    {
        using var scorer = new ToyScorer();
        using var pipeline = new ScoringPipeline(new PipelineOptions { Folder = State, Model = "0123456789abcdef" }, scorer);
        var reader = new FrameReader(new FramePreprocessing(scorer.Preprocessing), 1000);
        await work(new EventWatch(
            place ?? new WatchedFolder(Inbox), pipeline, reader, 10_000, TimeSpan.FromMilliseconds(50), State, _said.Add));
    }

    private string[] Names()
        => [.. Directory.GetFiles(State, "results-*.jsonl").SelectMany(path =>
            {
                using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            }).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("name").GetString()!)];
}
