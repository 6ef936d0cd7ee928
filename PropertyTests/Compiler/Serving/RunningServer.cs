using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Threading.Tasks;
using Hybrid.Data.Images;
using Hybrid.Samples.Serving.Events;
using Hybrid.Samples.Serving.Http;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>A service of a toy model in this process, on a port of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ScoringServer _server;

    private RunningServer(DirectoryInfo folder, ScoringServer server, ScoringPipeline pipeline, FrameReader reader)
    {
        (_folder, _server, Pipeline, Reader) = (folder, server, pipeline, reader);
        Client = new HttpClient { BaseAddress = new Uri(server.Address) };
    }

    public HttpClient Client { get; }

    public ScoringPipeline Pipeline { get; }

    public FrameReader Reader { get; }

    public string Folder => _folder.FullName;

    public string Address => _server.Address;

    public static async Task<RunningServer> Start(
        ToyScorer scorer, string? token = null, RequestLimits? limits = null, Func<PipelineOptions, PipelineOptions>? change = null)
    {
        var folder = Directory.CreateTempSubdirectory("hybrid-server-");
        var options = new PipelineOptions { Folder = folder.FullName, Model = "0123456789abcdef" };
        var pipeline = new ScoringPipeline(change?.Invoke(options) ?? options, scorer);
        var reader = new FrameReader(new FramePreprocessing(scorer.Preprocessing), 1000);
        var server = await ScoringServer.Start(
            new IPEndPoint(IPAddress.Loopback, 0), token, pipeline, reader, limits ?? new RequestLimits(100_000, 20, 4),
            ToyScorer.Manifest, new string('a', 64));
        return new RunningServer(folder, server, pipeline, reader);
    }

    public async Task<(int Status, JsonElement Answer)> Post(HttpContent content, string query = "")
    {
        using var answer = await Client.PostAsync("/events" + query, content);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    public Task<(int Status, JsonElement Answer)> Post(byte[] bytes, string query = "", string type = "image/png")
        => Post(new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } }, query);

    public async Task<JsonElement> Get(string path)
        => JsonDocument.Parse(await Client.GetStringAsync(path)).RootElement;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        Pipeline.Dispose();
        _folder.Delete(recursive: true);
    }
}
