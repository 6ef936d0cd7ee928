using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Bench.Data;
using Hybrid.Bench.Harness;

namespace Hybrid.Bench.Cygno;

/// <summary>
/// ./hybrid cygno serve with camera images of 576 × 576 pixels, the default network averaged over its symmetries, every event on the disk,
/// and the client on the same cores: events that come together against one by one, the latency at half of the capacity, and whether
/// anything is lost.
/// </summary>
internal sealed class RecoilServing : Benchmark
{
    private const int Images = 96, Senders = 32;
    private const double MostP99Ms = 100;

    public override string Name => "cygno-serving";

    public override string Description => "the scoring service: many events at once against one by one, latency at half load, nothing lost";

    public override IEnumerable<Measurement> Run(BenchOptions options)
    {
        using var scratch = new ScratchFolder();
        var images = RecoilSamples.WriteImages(scratch.File("images"), Images).Select(File.ReadAllBytes).ToArray();
        var model = RecoilSamples.WriteModel(scratch.File("."));
        using var service = new Service(model.FilePath, scratch.File("state"));
        var sent = 0;

        using var alone = new Contender("one by one", () => Closed(service, images, 1, 60, ref sent));
        using var together = new Contender($"{Senders} senders at once", () => Closed(service, images, Senders, 480, ref sent));
        var comparison = Comparison.Run("cygno-serving, an event", together, alone, Math.Min(options.Rounds, 5), 3);
        yield return comparison;

        var capacity = 1 / Comparison.Median(Enumerable.Range(0, 3).Select(_ => together.RunBlock()));
        var runs = Enumerable.Range(0, 3).Select(_ => Open(service, images, capacity / 2, 6, ref sent)).OrderBy(run => run.P99).ToArray();
        var (p50, p99) = runs[1];
        yield return new Measurement(
            FormattableString.Invariant($"cygno-serving, latency at {capacity / 2:0} events a second, half of {capacity:0}"),
            FormattableString.Invariant($"median {p50:0} ms, 99th percentile {p99:0} ms ({runs[0].P99:0}–{runs[2].P99:0})"),
            "", double.NaN, "", FormattableString.Invariant($"99th percentile ≤ {MostP99Ms:0} ms"), p99 <= MostP99Ms);

        var scored = service.End();
        yield return new Measurement(
            "cygno-serving, events with a result on the disk after the service ended", $"{scored} of {sent} sent", "", double.NaN, "",
            "all", scored == sent);
    }

    /// <summary>So many senders, each of which waits for its result before it sends the next; seconds for an event.</summary>
    private static double Closed(Service service, byte[][] images, int senders, int events, ref int sent)
    {
        var next = -1;
        var clock = Stopwatch.GetTimestamp();
        Task.WhenAll(Enumerable.Range(0, senders).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i < events) await service.Post(images[i % images.Length]);
        })).GetAwaiter().GetResult();
        sent += events;
        return Stopwatch.GetElapsedTime(clock).TotalSeconds / events;
    }

    /// <summary>Events that come at random times (Poisson) at a mean rate, whether or not the service keeps up; latencies in ms.</summary>
    private static (double P50, double P99) Open(Service service, byte[][] images, double rate, double seconds, ref int sent)
    {
        var random = new Random(1);
        var (at, times) = (0.0, new List<double>());
        while ((at -= Math.Log(1 - random.NextDouble()) / rate) < seconds) times.Add(at);
        var latencies = new double[times.Count];
        var begun = Stopwatch.GetTimestamp();
        Task.WhenAll(times.Select(async (time, i) =>
        {
            var wait = time - Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (wait > 0) await Task.Delay(TimeSpan.FromSeconds(wait));
            var clock = Stopwatch.GetTimestamp();
            await service.Post(images[i % images.Length]);
            latencies[i] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        })).GetAwaiter().GetResult();
        sent += times.Count;
        Array.Sort(latencies);
        return (latencies[latencies.Length / 2], latencies[(int)(0.99 * latencies.Length)]);
    }

    private sealed class Contender(string description, Func<double> run) : IContender
    {
        public string Description => description;

        public double RunBlock() => run();

        public void Dispose()
        {
        }
    }

    /// <summary>The service as its own process.</summary>
    private sealed class Service : IDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _client;
        private readonly string _state;

        public Service(string model, string state)
        {
            _state = state;
            var start = RecoilSamples.Sample("serve", model, "--listen", "127.0.0.1:0", "--output", state);
            start.RedirectStandardOutput = true;
            start.Environment["OMP_WAIT_POLICY"] = "passive";
            _process = Process.Start(start) ?? throw new InvalidOperationException("bench: the service did not start");
            var line = _process.StandardOutput.ReadLine() ?? "";
            var address = Regex.Match(line, @"http://[\d.:]+").Value;
            if (address.Length == 0) throw new InvalidOperationException($"bench: expected the service's address, got '{line}'");
            _ = _process.StandardOutput.ReadToEndAsync();
            _client = new HttpClient { BaseAddress = new Uri(address) };
        }

        public async Task Post(byte[] image)
        {
            using var content = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
            using var answer = await _client.PostAsync("/events", content);
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException(
                    $"bench: the service answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }

        /// <summary>Stops it, and counts the events that have exactly one result.</summary>
        public int End()
        {
            Kill(_process.Id, 15);
            _process.WaitForExit();
            return Directory.GetFiles(_state, "results-*.jsonl").SelectMany(File.ReadLines)
                .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt64())
                .GroupBy(id => id).Count(group => group.Count() == 1);
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
            _client.Dispose();
        }

        [DllImport("libc", EntryPoint = "kill")]
        private static extern int Kill(int process, int signal);
    }
}
