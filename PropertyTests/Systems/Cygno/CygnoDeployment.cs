using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using FsCheck;
using FsCheck.Fluent;
using Hybrid.Data.Formats;
using Hybrid.Data.Images;
using Hybrid.Data.Systems.Cygno;
using Hybrid.Models.Deployment;
using Hybrid.Models.Systems.Cygno;
using Hybrid.Models.Weights;
using Hybrid.PropertyTests.Compiler;
using Hybrid.PropertyTests.Compiler.Serving;
using Hybrid.Samples.Serving.Storage;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using Xunit;

namespace Hybrid.PropertyTests.Systems.Cygno;

/// <summary>./hybrid cygno export, publish, fetch, serve: the answers stay the same, and no event is lost.</summary>
public sealed class CygnoDeployment : IDisposable
{
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "hybrid-cygno.dll");
    private static readonly double[] _energies = [6, 20];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-deploy-");

    private static RecoilArchiveSettings Settings { get; } = new(
        [.. from nuclear in (bool[])[false, true] from energy in _energies select new RecoilClass(nuclear, energy)], true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    private string At(params string[] names) => Path.Combine([_folder.FullName, .. names]);

    private static RecoilNetwork Network(int seed)
    {
        torch.manual_seed(seed);
        var network = new RecoilNetwork(classes: 4);
        network.eval();
        return network;
    }

    private static ImageSet Images(int count, int seed)
    {
        var kinds = Enumerable.Range(0, count).Select(i => i % 2 == 0 ? Recoil.Electron : Recoil.Nuclear).ToArray();
        var made = new RecoilSimulator { Size = 128 }.Simulate(
            kinds, [.. Enumerable.Range(0, count).Select(i => _energies[i / 2 % 2])], seed, 0, CancellationToken.None);
        return RecoilSet.Preprocessing.Apply(ImageSet.OfArray(new NdArray<byte>([count, 128, 128], made.Pixels), "light"), 0);
    }

    /// <summary>An archive of a network that was not trained.</summary>
    private ModelArchive Archive(RecoilNetwork network)
    {
        Directory.CreateDirectory(At("parts"));
        var (weights, onnx) = (At("parts", "weights.safetensors"), At("parts", "model.onnx"));
        WeightFile.Save(network, weights);
        OnnxFile.Save(onnx, network);
        return ModelArchive.Write(
            At("models"),
            new ModelManifest
            {
                Format = ModelManifest.CurrentFormat, System = RecoilScorer.SystemName, Network = RecoilNetworks.Names[0], Name = "test",
                Version = "0", Preprocessing = RecoilSet.Preprocessing.ToString(), Image = new ArchivedImage(1, 128, 128),
                Quantities = RecoilScorer.Given, Onnx = RecoilScorer.OnnxWords(RecoilNetworks.Names[0]),
                Settings = ModelManifest.SettingsFrom(Settings),
            },
            new Dictionary<string, string> { [ModelArchive.WeightsName] = weights, [ModelArchive.OnnxName] = onnx });
    }

    private (int Code, string Output, string Errors) Run(IEnumerable<string> arguments, params (string Name, string Value)[] environment)
        => DotnetProcess.Run(_folder.FullName, [_program, .. arguments], environment);

    /// <summary>For any weights and any number of images.</summary>
    [SeededProperty(MaxTest = 8)]
    public Property ArchivedNetwork_GivesTheSameAnswers_BitForBit()
    {
        var cases = from seed in Gen.Choose(0, int.MaxValue) from count in Gen.Elements(0, 1, 2, 5) select (seed, count);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var images = c.count == 0 ? new ImageSet([], ["light"], 128, 128) : Images(c.count, c.seed % 1000);
            using var network = Network(c.seed);
            var archive = Archive(network);
            using var original = new RecoilScorer(network, Settings, RecoilSet.Preprocessing, torch.CPU);
            using var loaded = RecoilScorer.Load(archive, torch.CPU);
            Assert.Equal(RecoilSet.Preprocessing, loaded.Preprocessing);
            var (expected, got) = (original.Score(images), loaded.Score(images));
            Assert.Equal(RecoilScorer.Given.Count * c.count, got.Length);
            Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), got.Select(BitConverter.DoubleToInt64Bits));
        });
    }

    /// <summary>What the manifest says is left to do with model.onnx gives the model's answers.</summary>
    [Fact]
    public void ArchivedOnnx_WithTheAverageThatTheManifestStates_GivesTheAnswers()
    {
        const int count = 3, side = 128;
        using var network = Network(7);
        var archive = Archive(network);
        var images = Images(count, 3);
        using var scorer = RecoilScorer.Load(archive, torch.CPU);
        var expected = scorer.Score(images);
        Assert.Contains("eight rotations and reflections", archive.Manifest.Onnx, StringComparison.Ordinal);

        using var session = new InferenceSession(archive.Read(ModelArchive.OnnxName));
        using var options = new RunOptions();
        var (kinds, energies, errors, width) = (new double[count, 4], new double[count], new double[count], RecoilScorer.Given.Count);
        for (var turn = 0; turn < 8; turn++)
        {
            var turned = new float[count * side * side];
            for (var i = 0; i < count; i++)
            {
                var image = images.Image(i);
                for (var y = 0; y < side; y++)
                {
                    for (var x = 0; x < side; x++)
                    {
                        var (row, column) = ((turn & 1) != 0 ? side - 1 - y : y, (turn & 2) != 0 ? side - 1 - x : x);
                        if ((turn & 4) != 0) (row, column) = (column, row);
                        turned[(((i * side) + y) * side) + x] = image[(row * side) + column];
                    }
                }
            }
            using var input = OrtValue.CreateTensorValueFromMemory(turned, [count, 1, side, side]);
            using var outputs = session.Run(options, ["image"], [input], ["kinds", "energy", "logError"]);
            var (logits, shares) = (outputs[0].GetTensorDataAsSpan<float>().ToArray(), outputs[1].GetTensorDataAsSpan<float>().ToArray());
            var logErrors = outputs[2].GetTensorDataAsSpan<float>().ToArray();
            for (var i = 0; i < count; i++)
            {
                var sum = Math.Log(Enumerable.Range(0, 4).Sum(k => Math.Exp(logits[(4 * i) + k])));
                for (var k = 0; k < 4; k++) kinds[i, k] += (logits[(4 * i) + k] - sum) / 8;
                energies[i] += shares[i] * 30 / 8;
                errors[i] += logErrors[i] / 8;
            }
        }
        for (var i = 0; i < count; i++)
        {
            double[] odds = [.. Enumerable.Range(0, 4).Select(k => Math.Exp(kinds[i, k]))];
            var score = Math.Log((odds[2] + odds[3]) / (odds[0] + odds[1]));
            var estimate = odds.Select((odd, k) => odd * _energies[k % 2]).Sum() / odds.Sum();
            double[] answers = [1 / (1 + Math.Exp(-score)), score, estimate, energies[i], 30 * Math.Exp(errors[i])];
            for (var q = 0; q < width; q++) Assert.Equal(answers[q], expected[(width * i) + q], 1e-3);
        }
    }

    [Fact]
    public async Task ExportedRun_GoesToTheStorageAndBack_AndScoresTheSame()
    {
        using var server = new S3Server();
        Ok(Run(
            [
                "run", "--images", "120", "--validation", "20", "--unseen", "40", "--energies", "6,20", "--epochs", "1", "--no-figures",
                "--output", "run",
            ]));
        Ok(Run(["simulate", "--count", "3", "--size", "160", "--energies", "6,20", "--output", "images"]));
        var (first, second) = (Ok(Run(["export", "run", "-o", "one.zip"])), Ok(Run(["export", "run"])));
        Assert.Equal(File.ReadAllBytes(At("one.zip")), File.ReadAllBytes(At(second.Split(' ')[0])));
        Assert.StartsWith("one.zip  SHA-256 ", first, StringComparison.Ordinal);
        Assert.Matches(@"^runs/models/cygno-[0-9a-f]{16}\.zip  SHA-256 [0-9a-f]{64}\n$", second);

        var archive = ModelArchive.Open(At("one.zip"));
        Assert.Equal(
            [ModelArchive.CardName, ModelArchive.MetricsName, ModelArchive.OnnxName, "preprocessing.txt", ModelArchive.WeightsName],
            archive.Manifest.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(40, archive.Manifest.Reference.Sum(one => one.Counts.Sum()));
        var card = System.Text.Encoding.UTF8.GetString(archive.Read(ModelArchive.CardName));
        Assert.Contains("- **Preprocessing** centreCrop(128, 128) → window(60, 130)", card, StringComparison.Ordinal);

        // Where the storage is, by options and by the environment. 0.0.0.0 may be any machine, which is not sent a key in the clear.
        string[] storage =
        [
            "--endpoint", $"http://127.0.0.1:{server.Port}", "--bucket", S3Server.Bucket, "--prefix", "trained/", "--access-key",
            S3Server.Key, "--secret-key", S3Server.Key,
        ];
        var elsewhere = storage.Select(word => word.Replace("127.0.0.1", "0.0.0.0", StringComparison.Ordinal));
        var (code, _, errors) = Run(["publish", "one.zip", .. elsewhere]);
        Assert.True(code == 1 && errors.Contains("--endpoint: expected https", StringComparison.Ordinal), errors);
        Assert.StartsWith(
            $"trained/{archive.FileName} in ", Ok(Run(["publish", "one.zip", .. storage, "--plain-http"])), StringComparison.Ordinal);
        Assert.Contains($"trained/{archive.FileName}", server.Keys());
        Assert.StartsWith($"models/{archive.FileName} in ", Ok(Run(["publish", "one.zip"], server.Environment)), StringComparison.Ordinal);
        Assert.Equal(
            $"by-options/{archive.FileName}",
            Ok(Run(["fetch", archive.Hash[..10], "--output", "by-options", .. storage, "--plain-http"])).Trim());
        var fetched = Ok(Run(["fetch", archive.Hash[..10], "-o", "fetched"], server.Environment)).Trim();
        Assert.Equal($"fetched/{archive.FileName}", fetched);
        foreach (var model in (string[])["run", "one.zip", fetched])
            Ok(Run(["score", model, "images", "--output", $"{Path.GetFileName(model)}.csv"]));
        var scores = File.ReadAllText(At("run.csv"));
        Assert.Equal(13, scores.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(scores, File.ReadAllText(At("one.zip.csv")));
        Assert.Equal(scores, File.ReadAllText(At($"{archive.FileName}.csv")));

        // Objects of the same storage are events.
        using (var store = new ObjectStore(server.Options()))
            await store.Put("daq/1.png", Directory.GetFiles(At("images"), "*.png", SearchOption.AllDirectories)[0], Stop);
        using var service = await Service.Start(
            At(fetched), At("state"), [.. storage, "--plain-http", "--watch-prefix", "daq/", "--every", "0.2"]);
        for (var i = 0; i < 200 && await service.Counted() != (1, 0); i++) await Task.Delay(50, Stop);
        Assert.Equal((1, 0), await service.Counted());
        Assert.Equal((0, ""), service.Stopped());
    }

    /// <summary>
    /// Several senders, and the process killed (SIGKILL) while they send, twice; then stopped in order (SIGTERM). Each event that was
    /// accepted has one result.
    /// </summary>
    [Fact]
    public async Task KilledService_LosesNoAcceptedEvent()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("sends Linux's signals");
        using var network = Network(1);
        var archive = Archive(network);
        var images = Enumerable.Range(0, 6).Select(seed => Png128(seed)).ToArray();
        var accepted = new ConcurrentBag<long>();
        for (var round = 0; round < 3; round++)
        {
            using var service = await Service.Start(archive.FilePath, At("state"));
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var senders = Enumerable.Range(0, 4).Select(async sender =>
            {
                for (var i = 0; i < 60 && !ends.IsCancellationRequested; i++)
                {
                    try
                    {
                        var (status, answer) = await service.Post(images[(sender + i) % images.Length], "?wait=no");
                        if (status == 202) accepted.Add(answer.GetProperty("id").GetInt64());
                    }
                    catch (HttpRequestException)
                    {
                        return; // killed meanwhile: it was not accepted, as far as the sender knows
                    }
                }
            }).ToArray();
            if (round < 2)
            {
                await Task.Delay(150, Stop);
                service.Signal(9);
            }
            await Task.WhenAll(senders);
            if (round == 2) Assert.Equal((0, ""), service.Stopped());
        }
        Assert.True(accepted.Count > 60, $"only {accepted.Count} were accepted");
        Assert.Equal(accepted.Count, accepted.Distinct().Count());
        var results = Directory.GetFiles(At("state"), "results-*.jsonl").SelectMany(File.ReadLines)
            .Select(line => JsonDocument.Parse(line).RootElement).ToLookup(result => result.GetProperty("id").GetInt64());
        Assert.All(accepted, id => Assert.True(results[id].Count() == 1, $"event {id} has {results[id].Count()} results"));
        Assert.All(results, result => Assert.Single(result));
        Assert.All(results, result => Assert.InRange(result.First().GetProperty("response").GetDouble(), 0, 1));
    }

    [Fact]
    public async Task OddImages_AreRefusedByTheService_AndLeftOutByScore()
    {
        using var network = Network(1);
        var archive = Archive(network);
        var good = Png128(1);
        var odd = new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["truncated"] = good[..(good.Length / 2)],
            ["small"] = ToyScorer.PngOf(100, 127, 200),
            ["colour"] = ToyScorer.PngOf(100, 128, 128, channels: 3),
            ["damaged"] = [.. good[..300], (byte)~good[300], .. good[301..]],
        };
        Directory.CreateDirectory(At("images"));
        foreach (var (name, bytes) in odd) File.WriteAllBytes(At("images", $"{name}.png"), bytes);
        File.WriteAllBytes(At("images", "good.png"), good);
        var (code, output, errors) = Run(["score", archive.FilePath, "images"]);
        Assert.True(code == 0 && errors.Contains("1 image scored, 5 left out", StringComparison.Ordinal), output + errors);
        Assert.All(odd.Keys, name => Assert.Contains($"cygno: left out images/{name}.png: ", errors, StringComparison.Ordinal));

        using var service = await Service.Start(archive.FilePath, At("state"));
        foreach (var (name, bytes) in odd)
        {
            var (status, answer) = await service.Post(bytes, $"?name={name}");
            Assert.Equal(400, status);
            Assert.StartsWith($"{(name == "empty" ? "empty" : name)}: ", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
        // The same image, a constant one, and one of 16 bits: one answer each.
        Assert.Equal(200, (await service.Post(good)).Status);
        Assert.Equal(200, (await service.Post(ToyScorer.PngOf(100, 576, 576))).Status);
        Assert.Equal(200, (await service.Post(ToyScorer.PngOf(100, 576, 576, isWide: true))).Status);
        Assert.Equal((0, ""), service.Stopped());

        // In a folder that is watched they are named, and stay where they are.
        using var watching = await Service.Start(
            archive.FilePath, At("watched"), "--watch", At("images"), "--every", "0.2", "--batch", "4", "--pending", "50", "--most-pixels",
            "20000", "--threads", "1", "--device", "cpu");
        for (var i = 0; i < 200 && await watching.Counted() != (1, 5); i++) await Task.Delay(50, Stop);
        Assert.Equal((1, 5), await watching.Counted());
        Assert.Equal(400, (await watching.Post(ToyScorer.PngOf(100, 576, 576))).Status); // more pixels than --most-pixels
        var (ended, said) = watching.Stopped();
        Assert.Equal(0, ended);
        Assert.All(odd.Keys, name => Assert.Contains($"cygno: refused {name}.png: ", said, StringComparison.Ordinal));
        Assert.Equal(5, File.ReadAllLines(At("watched", "refused.jsonl")).Length);
        var result = JsonDocument.Parse(File.ReadAllText(At("watched", "results-000001.jsonl"))).RootElement;
        Assert.Equal("good.png", result.GetProperty("name").GetString());
        Assert.Equal(6, Directory.GetFiles(At("images")).Length);
    }

    [Theory]
    [InlineData("cygno: --listen: expected an address and a port such as 127.0.0.1:8080, got 'here'.", "--listen", "here")]
    [InlineData("cygno: --token: expected at least 16 characters, got 5.", "--token", "short")]
    [InlineData("cygno: --batch: expected at least 1, got 0.", "--batch", "0")]
    [InlineData("cygno: --every: expected seconds in (0, 86400], got -1.", "--every", "-1")]
    [InlineData("cygno: --every: expected seconds in (0, 86400], got 1E+300.", "--every", "1e300")]
    [InlineData("cygno: --pending: expected at least 1, got 0.", "--pending", "0")]
    [InlineData("cygno: --most-pixels: expected at least 1, got 0.", "--most-pixels", "0")]
    [InlineData("cygno: model.zip: expected an archive of a model, there is no such file.")]
    [InlineData("cygno: --endpoint: expected an address such as https://storage.example.org, got none. Give --endpoint, or set "
        + "HYBRID_S3_ENDPOINT.", "--model-from-storage")]
    public void WhatCannotBeServed_IsRefusedInOneLine(string message, params string[] arguments)
    {
        var isStored = arguments is ["--model-from-storage"];
        var (code, _, errors) = Run(["serve", isStored ? "s3:latest" : "model.zip", .. isStored ? [] : arguments]);
        Assert.Equal((1, message + "\n"), (code, errors));
    }

    private static string Ok((int Code, string Output, string Errors) run)
    {
        Assert.True(run.Code == 0, run.Output + run.Errors);
        return run.Output;
    }

    private byte[] Png128(int seed)
    {
        var made = new RecoilSimulator { Size = 128 }.Simulate([Recoil.Nuclear], [20], seed, 0, CancellationToken.None);
        var path = At($"{seed}.png");
        Png.Write(path, new NdArray<byte>([128, 128], made.Pixels));
        return File.ReadAllBytes(path);
    }

    /// <summary>The service as a process of its own.</summary>
    private sealed class Service : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _errors;
        private readonly HttpClient _client = new();
        private Task<string> _output = Task.FromResult("");

        private Service(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

        public static async Task<Service> Start(string model, string state, params string[] more)
        {
            var start = new ProcessStartInfo(
                "dotnet", [_program, "serve", model, "--listen", "127.0.0.1:0", "--output", state, .. more])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            start.Environment["OMP_WAIT_POLICY"] = "passive";
            var service = new Service(Process.Start(start)!);
            while (await service._process.StandardOutput.ReadLineAsync(Stop) is { } line)
            {
                if (Regex.Match(line, @"at (http://127\.0\.0\.1:\d+);") is not { Success: true } found) continue;
                service._client.BaseAddress = new Uri(found.Groups[1].Value);
                service._output = service._process.StandardOutput.ReadToEndAsync();
                return service;
            }
            throw new InvalidOperationException($"the service did not start: {await service._errors}");
        }

        public async Task<(int Status, JsonElement Answer)> Post(byte[] image, string query = "")
        {
            using var content = new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
            using var answer = await _client.PostAsync("/events" + query, content);
            return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
        }

        public void Signal(int signal) => Kill(_process.Id, signal);

        /// <summary>Events scored and refused so far.</summary>
        public async Task<(int Scored, int Refused)> Counted()
        {
            var live = JsonDocument.Parse(await _client.GetStringAsync("/summary", Stop)).RootElement.GetProperty("live");
            return (live.GetProperty("scored").GetInt32(), live.GetProperty("refused").GetInt32());
        }

        /// <summary>Stops it in order; its exit code, and what it wrote as errors.</summary>
        public (int Code, string Errors) Stopped()
        {
            Signal(15);
            Assert.True(_process.WaitForExit(30_000), "the service did not stop within 30 seconds");
            Assert.Contains("stopping: what was accepted is scored first", _output.Result, StringComparison.Ordinal);
            return (_process.ExitCode, _errors.Result);
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
            _client.Dispose();
        }

        [DllImport("libc", EntryPoint = "kill")]
        private static extern int Kill(int process, int signal);
    }
}
