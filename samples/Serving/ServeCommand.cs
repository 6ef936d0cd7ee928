using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Images;
using Hybrid.Models.Deployment;
using Hybrid.Models.Engine;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.Serving.Events;
using Hybrid.Samples.Serving.Http;
using Hybrid.Samples.Serving.Storage;
using Hybrid.Samples.Serving.Watching;

namespace Hybrid.Samples.Serving;

/// <summary>serve: a system's model as a service.</summary>
public static class ServeCommand
{
    /// <summary>The environment's variable for --token.</summary>
    public const string TokenVariable = "HYBRID_SERVE_TOKEN";

    /// <summary>The longest time between two looks: a day.</summary>
    private const double MostSeconds = 86_400;

    /// <summary>The command of a system.</summary>
    /// <param name="program">The program.</param>
    /// <param name="system">Its models.</param>
    /// <param name="storage">Its options of the object storage.</param>
    public static Command Of(CommandProgram program, ServedSystem system, StorageCommands storage)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(storage);
        var model = new Argument<string>("model")
        {
            Description = "Archive that export made, or s3:latest or s3:HASH for a published one.",
        };
        var listen = Options.Text("--listen", "Address and port (127.0.0.1:8080; port 0 is any free one).");
        var token = Options.Text("--token", $"Needed to listen to other machines; requests must send it ({TokenVariable}).");
        var folder = Options.Output($"Folder of accepted events and results (runs/{system.Name}-serve); one service at a time.");
        var watch = Options.Text("--watch", "Folder whose new PNG files are also events.");
        var watchBucket = Options.Text("--watch-prefix", "Prefix of the keys of objects that are also events.");
        var every = Options.Number("--every", "Seconds between two looks at the watched places.", 1);
        var batch = Options.Whole("--batch", "Largest number of events scored together.", 32);
        var pending = Options.Whole("--pending", "Largest number of accepted events that wait; further ones are refused then.", 2000);
        var mostPixels = Options.Whole("--most-pixels", "Pixels of the largest image.", 4096 * 4096);
        var threads = Options.WholeOrNone("--threads", "Threads of the network; requests have their own (1).");
        var device = Options.Device();
        var command = new Command("serve", "Scores events as they arrive by HTTP, in a folder or in a bucket, and shows them on a page.")
        {
            model, listen, token, folder, watch, watchBucket, every, batch, pending, mostPixels, threads, device,
        };
        foreach (var option in storage.All) command.Add(option);
        command.SetAction(program.Guarded(parsed =>
        {
            var place = EndPointOf(parsed.GetValue(listen) ?? "127.0.0.1:8080");
            var secret = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(TokenVariable);
            if (secret is { Length: < 16 })
                throw new ArgumentException($"--token: expected at least 16 characters, got {secret.Length}.");
            if (parsed.GetValue(batch) is < 1 and var few) throw new ArgumentException($"--batch: expected at least 1, got {few}.");
            if (parsed.GetValue(pending) is < 1 and var none) throw new ArgumentException($"--pending: expected at least 1, got {none}.");
            if (parsed.GetValue(every) is <= 0 or > MostSeconds)
                throw new ArgumentException($"--every: expected seconds in (0, {MostSeconds}], got {parsed.GetValue(every)}.");
            if (parsed.GetValue(mostPixels) is < 1 and var nothing)
                throw new ArgumentException($"--most-pixels: expected at least 1, got {nothing}.");
            CommandProgram.UseThreads(parsed.ValueOf(threads) ?? 1);
            var output = parsed.GetValue(folder) ?? Path.Combine("runs", $"{system.Name}-serve");
            var archive = storage.Model(parsed, parsed.GetValue(model)!);
            using var scorer = system.Load(archive, ComputeDevice.Named(parsed.GetValue(device)!));
            WarmUp(scorer, parsed.GetValue(batch));
            var options = new PipelineOptions
            {
                Folder = output, Model = archive.Hash[..ModelArchive.ShortHash], Batch = parsed.GetValue(batch),
                MostPending = parsed.GetValue(pending),
            };
            var reader = new FrameReader(new FramePreprocessing(scorer.Preprocessing), parsed.GetValue(mostPixels));
            using var store = parsed.GetValue(watchBucket) is null ? null : storage.StoreOf(parsed);
            List<IWatchedPlace> places = [];
            if (parsed.GetValue(watch) is { } watched)
            {
                if (!Directory.Exists(watched))
                    throw new DirectoryNotFoundException($"--watch: there is no folder {Path.GetFullPath(watched)}.");
                places.Add(new WatchedFolder(watched));
            }
            if (store is not null) places.Add(new WatchedPrefix(store, parsed.GetValue(watchBucket)!));
            Run(
                program.Stop, place, secret, archive, scorer, options, reader, places, TimeSpan.FromSeconds(parsed.GetValue(every)),
                system.Name)
                .GetAwaiter().GetResult();
            return 0;
        }));
        return command;
    }

    private static async Task Run(
        CancellationToken stop, IPEndPoint place, string? token, ModelArchive archive, IImageScorer scorer, PipelineOptions options,
        FrameReader reader, IReadOnlyList<IWatchedPlace> places, TimeSpan every, string name)
    {
        var limits = RequestLimits.Usual;
        using var pipeline = new ScoringPipeline(options, scorer);
        if (pipeline.Recovered > 0)
            Console.WriteLine($"{Plural.Of(pipeline.Recovered, "event")} accepted earlier without a result: scored now");
        await using (var server = await ScoringServer.Start(place, token, pipeline, reader, limits, archive.Manifest, archive.Hash))
        {
            Console.WriteLine($"{archive.Manifest.Name} ({archive.FileName}) at {server.Address}; results in {options.Folder}");
            foreach (var watched in places) Console.WriteLine($"watching {watched.Name}");
            Console.Out.Flush();
            var watches = places.Select(watched => new EventWatch(
                watched, pipeline, reader, limits.MostBytes, every, options.Folder, line => Console.Error.WriteLine($"{name}: {line}"))
                .Run(stop)).ToArray();
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            Console.WriteLine("stopping: what was accepted is scored first");
            await Task.WhenAll(watches);
        }
        pipeline.Dispose();
        var counted = pipeline.Statistics.Summary(pipeline.Pending);
        Console.WriteLine($"{Plural.Of(counted.Scored, "event")} scored, {counted.Refused} refused");
    }

    /// <summary>The first evaluations take longer than all others: they shall not meet an event.</summary>
    private static void WarmUp(IImageScorer scorer, int batch)
    {
        var size = scorer.Image;
        var bands = size.Bands == 1 ? ["light"] : Enumerable.Range(0, size.Bands).Select(band => $"band{band}").ToArray();
        foreach (var count in (int[])[1, batch])
            scorer.Score(new ImageSet(new float[count * size.Bands * size.Height * size.Width], bands, size.Height, size.Width));
    }

    private static IPEndPoint EndPointOf(string text)
    {
        var address = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..] : text;
        return IPEndPoint.TryParse(address, out var place) && text.Contains(':', StringComparison.Ordinal)
            ? place
            : throw new ArgumentException($"--listen: expected an address and a port such as 127.0.0.1:8080, got '{text}'.");
    }
}
