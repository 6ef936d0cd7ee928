using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Samples.Serving.Events;
using Hybrid.Samples.Serving.Http;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>What a service answers, to good requests and to bad ones.</summary>
public sealed class ServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static double Mean(JsonElement answer) => answer.GetProperty("mean").GetDouble();

    private static MultipartFormDataContent Parts(params (string Name, byte[] Bytes)[] files)
    {
        var parts = new MultipartFormDataContent();
        foreach (var (name, bytes) in files) parts.Add(new ByteArrayContent(bytes), "image", name);
        return parts;
    }

    private static byte[] Raw(int count, int height, int width, ushort value)
    {
        var bytes = new byte[2 * count * height * width];
        for (var at = 0; at < bytes.Length; at += 2) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);
        return bytes;
    }

    [Fact]
    public async Task Image_IsScored_AsPngOf8Or16Bits_OrRaw()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        var (status, answer) = await server.Post(ToyScorer.PngOf(51), "?name=dark.png");
        Assert.Equal((200, "dark.png", 1), (status, answer.GetProperty("name").GetString(), answer.GetProperty("id").GetInt32()));
        Assert.Equal(0.2, Mean(answer), 1e-6);
        Assert.Equal(816, answer.GetProperty("light").GetDouble(), 1e-3);
        Assert.Equal(0.4, Mean((await server.Post(ToyScorer.PngOf(102, isWide: true))).Answer), 1e-6);
        Assert.Equal(0.6, Mean((await server.Post(Raw(1, 5, 9, 153), "?height=5&width=9", "application/octet-stream")).Answer), 1e-6);

        // One after the other gives what all at once give.
        var (many, several) = await server.Post(Raw(3, 5, 9, 204), "?height=5&width=9", "application/octet-stream");
        Assert.Equal(200, many);
        Assert.Equal([0.8, 0.8, 0.8], several.GetProperty("events").EnumerateArray().Select(one => Math.Round(Mean(one), 6)));
    }

    [Fact]
    public async Task SeveralImages_EachGetAResultOrAReason()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        var parts = Parts(("a.png", ToyScorer.PngOf(51)), ("b.txt", [1, 2, 3]), ("c.png", ToyScorer.PngOf(102)));
        var (status, answer) = await server.Post(parts);
        var events = answer.GetProperty("events").EnumerateArray().ToArray();
        Assert.Equal(207, status);
        Assert.Equal(["a.png", "b.txt", "c.png"], events.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(0.2, Mean(events[0]), 1e-6);
        Assert.Equal(
            "b.txt: expected a PNG, which begins with the bytes 89504E470D0A1A0A, got 010203.", events[1].GetProperty("error").GetString());
        Assert.Equal(0.4, Mean(events[2]), 1e-6);
        Assert.Equal(400, (await server.Post(Parts(("b.txt", [1, 2, 3])))).Status);
        Assert.Equal(200, (await server.Post(Parts(("a.png", ToyScorer.PngOf(51))))).Status);
    }

    [Fact]
    public async Task SenderThatDoesNotWait_GetsANumber_AndTheResultLater()
    {
        using var gate = new ManualResetEventSlim(false);
        await using var server = await RunningServer.Start(new ToyScorer { Gate = gate });
        var (status, answer) = await server.Post(ToyScorer.PngOf(51), "?wait=no");
        var id = answer.GetProperty("id").GetInt64();
        Assert.Equal(202, status);
        using (var early = await server.Client.GetAsync($"/events/{id}", Stop)) Assert.Equal(HttpStatusCode.Accepted, early.StatusCode);
        gate.Set();
        await (server.Pipeline.Find(id)!).WaitAsync(Stop);
        Assert.Equal(0.2, Mean(await server.Get($"/events/{id}")), 1e-6);
        using var unknown = await server.Client.GetAsync("/events/77", Stop);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("empty", "image/png", "", 400, "x.png: expected a PNG, got nothing.")]
    [InlineData("colour", "image/png", "", 400, "x.png: expected a grey image, got 3 channels.")]
    [InlineData("small", "image/png", "", 400, "x.png: expected at least 4 × 4 pixels, got 3 × 9.")]
    [InlineData("large", "image/png", "", 400, "x.png: expected at most 1000 pixels, got 26 × 40.")]
    [InlineData("cut", "image/png", "", 400, "x.png: the chunk at byte 33 claims ")]
    [InlineData("flipped", "image/png", "", 400, "x.png: the checksum of the chunk at byte 33 does not fit its content: ")]
    [InlineData("text", "image/png", "", 400, "x.png: expected a PNG, which begins with the bytes 89504E470D0A1A0A, got 48656C6C6F.")]
    [InlineData("text", "text/plain", "", 415, "expected image/png, application/octet-stream (raw pixels of 16 bits, ?height=H&width=W")]
    [InlineData("text", "application/octet-stream", "", 400, "raw pixels: expected their sizes in the address, as /events?height=576&")]
    [InlineData("text", "application/octet-stream", "&height=4&width=4", 400, "x.png: expected 32 bytes for each image of 4 × 4 ")]
    [InlineData("text", "application/octet-stream", "&height=4000&width=400", 400, "x.png: expected at most 1000 pixels, got 4000 × ")]
    [InlineData("text", "application/octet-stream", "&height=-1&width=4", 400, "raw pixels: expected their sizes in the address")]
    [InlineData("long", "image/png", "", 413, "expected at most 100000 bytes in a request, got more.")]
    [InlineData("text", "multipart/form-data; boundary=b", "", 400, "expected a whole multipart request: ")]
    public async Task BadRequest_IsAnsweredWithTheReason(string kind, string type, string query, int status, string message)
    {
        var png = ToyScorer.PngOf(7, 30, 30);
        var bytes = kind switch
        {
            "empty" => [],
            "colour" => ToyScorer.PngOf(7, channels: 3),
            "small" => ToyScorer.PngOf(7, 3, 9),
            "large" => ToyScorer.PngOf(7, 26, 40),
            "cut" => png[..^20],
            "flipped" => [.. png[..45], (byte)~png[45], .. png[46..]],
            "long" => new byte[100_001],
            _ => Encoding.UTF8.GetBytes("Hello"),
        };
        await using var server = await RunningServer.Start(new ToyScorer());
        var (code, answer) = await server.Post(bytes, "?name=x.png" + query, type);
        Assert.Equal(status, code);
        Assert.StartsWith(message, answer.GetProperty("error").GetString(), StringComparison.Ordinal);

        // It is counted, it left no trace, and the next one is scored.
        var metrics = await server.Client.GetStringAsync("/metrics", Stop);
        Assert.Contains("hybrid_events_refused_total{reason=", metrics, StringComparison.Ordinal);
        Assert.Equal(1, (await server.Post(ToyScorer.PngOf(1))).Answer.GetProperty("id").GetInt32());
    }

    /// <summary>A PNG with bytes changed, taken out or put in is scored as it decodes, or refused; the service lives.</summary>
    [Fact]
    public async Task FuzzedPng_IsScoredOrRefused()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        var good = ToyScorer.PngOf(90, 12, 12);
        var cases = from place in Gen.Choose(0, good.Length - 1)
                    from count in Gen.Choose(0, 6)
                    from kind in Gen.Elements("change", "remove", "insert", "cut")
                    from bytes in Gen.ArrayOf(Gen.Choose(0, 255), 6)
                    select (place, count, kind, bytes);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var some = c.bytes.Take(c.count).Select(value => (byte)value).ToArray();
            var fuzzed = c.kind switch
            {
                "change" => [.. good[..c.place], .. some, .. good.Skip(c.place + some.Length)],
                "remove" => [.. good[..c.place], .. good.Skip(c.place + c.count)],
                "insert" => [.. good[..c.place], .. some, .. good[c.place..]],
                _ => good[..c.place],
            };
            var (status, answer) = server.Post(fuzzed).GetAwaiter().GetResult();
            if (status == 200) Assert.Equal(90 / 255.0, Mean(answer), 1e-6);
            else
            {
                Assert.Equal(400, status);
                Assert.NotEmpty(answer.GetProperty("error").GetString()!);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
        Assert.Equal("ok", (await server.Get("/health")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task ServiceThatCannotKeepUp_SaysSo()
    {
        using var gate = new ManualResetEventSlim(false);
        var scorer = new ToyScorer { Gate = gate };
        await using var server = await RunningServer.Start(scorer, change: options => options with { MostPending = 2 });
        var png = ToyScorer.PngOf(1);
        Assert.Equal(202, (await server.Post(png, "?wait=no")).Status);
        Assert.Equal(202, (await server.Post(png, "?wait=no")).Status);
        var (status, answer) = await server.Post(png, "?wait=no");
        Assert.Equal((503, "2 events wait to be scored. Send it again later."), (status, answer.GetProperty("error").GetString()));
        gate.Set();
    }

    [Fact]
    public async Task Token_IsAskedFor_ExceptForHealthAndPage()
    {
        const string token = "a token of some length";
        await using var server = await RunningServer.Start(new ToyScorer(), token);
        foreach (var path in (string[])["/", "/page.js", "/page.css", "/health"])
            Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync(path, Stop)).StatusCode);
        foreach (var path in (string[])["/summary", "/events", "/metrics", "/events/1"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.GetAsync(path, Stop)).StatusCode);
        Assert.Equal(401, (await server.Post(ToyScorer.PngOf(1))).Status);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "another token");
        Assert.Equal(401, (await server.Post(ToyScorer.PngOf(1))).Status);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        Assert.Equal(200, (await server.Post(ToyScorer.PngOf(1))).Status);
    }

    [Fact]
    public async Task PagesOfOthers_CannotReachAServiceThroughABrowserHere()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/summary") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Client.SendAsync(rebound, Stop)).StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/summary");
        foreign.Headers.Add("Sec-Fetch-Site", "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Client.SendAsync(foreign, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/summary", Stop)).StatusCode);
    }

    [Fact]
    public async Task OtherMachines_NeedAToken()
    {
        using var scorer = new ToyScorer();
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => ScoringServer.Start(
            new IPEndPoint(IPAddress.Any, 0), null, null!, null!, RequestLimits.Usual, ToyScorer.Manifest, ""));
        const string words = "--listen: 0.0.0.0:0 can be reached from other machines: expected a token, got none.";
        Assert.StartsWith(words, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AreWhatPrometheusReads()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        for (var i = 0; i < 3; i++) await server.Post(ToyScorer.PngOf(i));
        await server.Post([1]);
        var lines = (await server.Client.GetStringAsync("/metrics", Stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.Matches(
            @"^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z0-9_]+=""[^""]*""(,[a-z0-9_]+=""[^""]*"")*\})? [-+0-9.eE]+)$", line));
        Assert.Contains("hybrid_events_accepted_total 3", lines);
        Assert.Contains("hybrid_events_scored_total 3", lines);
        Assert.Contains("hybrid_events_refused_total{reason=\"not a PNG\"} 1", lines);
        Assert.Contains("hybrid_event_latency_seconds_count 3", lines);
        // Buckets only grow, up to the count.
        var buckets = lines.Where(line => line.StartsWith("hybrid_event_latency_seconds_bucket", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(buckets.Order(), buckets);
        Assert.Equal(3, buckets[^1]);
    }

    [Fact]
    public async Task Summary_HasTheLiveHistogramBesideTheModels()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        await server.Post(ToyScorer.PngOf(255));
        await server.Post(ToyScorer.PngOf(0));
        var summary = await server.Get("/summary");
        var live = summary.GetProperty("live").GetProperty("histogram").EnumerateArray().Select(count => count.GetInt32()).ToArray();
        Assert.Equal((1, 1, 2), (live[0], live[^1], live.Sum()));
        var reference = summary.GetProperty("reference")[0];
        Assert.Equal(3, reference.GetProperty("counts").EnumerateArray().Sum(count => count.GetInt32()));
        Assert.Equal("bright", reference.GetProperty("class").GetString());
    }

    /// <summary>A client that hangs up in the middle of its image has sent nothing.</summary>
    [Fact]
    public async Task HalfARequest_IsNoEvent()
    {
        await using var server = await RunningServer.Start(new ToyScorer());
        var address = new Uri(server.Address);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(address.Host, address.Port, Stop);
            var head = $"POST /events HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: image/png\r\nContent-Length: 500\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head).Concat(ToyScorer.PngOf(3)[..40]).ToArray(), Stop);
        }
        Assert.Equal(1, (await server.Post(ToyScorer.PngOf(1))).Answer.GetProperty("id").GetInt32());
    }
}
