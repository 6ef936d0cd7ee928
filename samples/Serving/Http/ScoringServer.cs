using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Images;
using Hybrid.Models.Deployment;
using Hybrid.Samples.Serving.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hybrid.Samples.Serving.Http;

/// <summary>A model as a service: POST /events, the page, /summary, /health, /metrics.</summary>
public sealed class ScoringServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ScoringPipeline _pipeline;
    private readonly ModelManifest _manifest;
    private readonly string _hash;

    private ScoringServer(WebApplication application, ScoringPipeline pipeline, ModelManifest manifest, string hash)
        => (_application, _pipeline, _manifest, _hash) = (application, pipeline, manifest, hash);

    /// <summary>Where it listens: <c>http://127.0.0.1:8080</c>.</summary>
    public string Address => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Begins to listen.</summary>
    /// <param name="address">Where; port 0 is any free one.</param>
    /// <param name="token">Who has it may ask; null where the address is this machine's alone.</param>
    /// <param name="pipeline">Where events go; not owned.</param>
    /// <param name="reader">What makes images of bytes.</param>
    /// <param name="limits">What a request may ask for.</param>
    /// <param name="manifest">What the model says of itself.</param>
    /// <param name="hash">The model's hash.</param>
    /// <exception cref="ArgumentException">The address is not this machine's alone, and there is no token.</exception>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<ScoringServer> Start(
        IPEndPoint address, string? token, ScoringPipeline pipeline, FrameReader reader, RequestLimits limits, ModelManifest manifest,
        string hash)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(limits);
        if (token is null && !IPAddress.IsLoopback(address.Address))
            throw new ArgumentException(
                $"--listen: {address} can be reached from other machines: expected a token, got none. Give --token, or set "
                    + $"{ServeCommand.TokenVariable}, or listen on 127.0.0.1.");
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>(); // the program watches for signals
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(address);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.MostBytes;
            kestrel.Limits.MaxConcurrentConnections = 1000;
        });
        var application = builder.Build();
        var server = new ScoringServer(application, pipeline, manifest, hash);
        var access = new Access(token);
        application.Use((context, next) => access.Check(context, next));
        server.Map(new EventsEndpoint(pipeline, reader, limits));
        try
        {
            await application.StartAsync();
        }
        catch (IOException failure)
        {
            await application.DisposeAsync();
            throw new IOException(
                $"--listen: {address} cannot be used: {failure.Message} Give another port, or 0 for any free one.", failure);
        }
        return server;
    }

    /// <summary>Answers what was asked, and listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private void Map(EventsEndpoint events)
    {
        _application.MapPost("/events", events.Post);
        _application.MapGet("/events", Newest);
        _application.MapGet("/events/{id:long}", One);
        _application.MapGet("/summary", Summary);
        _application.MapGet("/health", Health);
        _application.MapGet("/metrics", context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
            return context.Response.WriteAsync(
                _pipeline.Statistics.Prometheus(_pipeline.Pending, _manifest.System, _manifest.Network, _hash));
        });
        _application.MapGet("/", context => Page(context, "index.html", "text/html; charset=utf-8"));
        _application.MapGet("/page.js", context => Page(context, "page.js", "text/javascript; charset=utf-8"));
        _application.MapGet("/icon.svg", context => Page(context, "icon.svg", "image/svg+xml"));
        _application.MapGet("/page.css", context => Page(context, "page.css", "text/css; charset=utf-8"));
    }

    private Task Health(HttpContext context)
    {
        var broken = _pipeline.Broken;
        context.Response.StatusCode = broken is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Answers.Json(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", broken ?? "ok");
            json.WriteString("model", _hash);
            json.WriteNumber("pending", _pipeline.Pending);
            json.WriteEndObject();
        });
    }

    private Task One(HttpContext context)
    {
        var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
        var found = _pipeline.Find(id);
        if (found is null)
            return Answers.Error(
                context, StatusCodes.Status404NotFound, $"event {id}: expected one of the newest; the results' files have the others.");
        if (found is { IsCompleted: true, IsCompletedSuccessfully: false })
            return Answers.Error(context, StatusCodes.Status500InternalServerError, found.Exception!.InnerException!.Message);
        context.Response.StatusCode = found.IsCompleted ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
        return Answers.Json(context, json =>
        {
            json.WriteStartObject();
            if (found.IsCompleted) ResultLog.Describe(json, found.Result, _pipeline.Quantities);
            else json.WriteNumber("id", id);
            json.WriteEndObject();
        });
    }

    /// <summary>The newest events with their pictures: a byte a pixel, of the first band, from its darkest to its brightest.</summary>
    private Task Newest(HttpContext context)
    {
        var after = long.TryParse(context.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0;
        return Answers.Json(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events");
            foreach (var result in _pipeline.Statistics.After(after))
            {
                json.WriteStartObject();
                ResultLog.Describe(json, result, _pipeline.Quantities);
                json.WriteNumber("latency_ms", Math.Round(result.Latency.TotalMilliseconds, 1));
                json.WriteNumber("height", result.Event.Image.Height);
                json.WriteNumber("width", result.Event.Image.Width);
                json.WriteBase64String("pixels", Grey(result.Event.Image));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static byte[] Grey(ImageSet image)
    {
        var plane = image.Plane(0, 0);
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in plane)
        {
            if (!float.IsFinite(value)) continue;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }
        var grey = new byte[plane.Length];
        for (var i = 0; i < grey.Length; i++)
            grey[i] = high > low && float.IsFinite(plane[i]) ? (byte)(255 * (plane[i] - low) / (high - low)) : (byte)0;
        return grey;
    }

    private Task Summary(HttpContext context)
        => context.Response.WriteAsJsonAsync(
            new
            {
                model = new { _manifest.System, _manifest.Name, _manifest.Network, hash = _hash, _manifest.Quantities },
                reference = _manifest.Reference.Where(one => one.Quantity == _manifest.Quantities[0].Name),
                live = _pipeline.Statistics.Summary(_pipeline.Pending),
            },
            context.RequestAborted);

    private static async Task Page(HttpContext context, string name, string type)
    {
        await using var content = typeof(ScoringServer).Assembly.GetManifestResourceStream($"Page/{name}")
            ?? throw new InvalidOperationException($"the page's {name} is not in the program");
        context.Response.ContentType = type;
        // Nothing from elsewhere, and nothing inline: what an event is called cannot become code.
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-cache";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
