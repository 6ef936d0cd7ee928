using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Data.Images;
using Hybrid.Samples.Serving.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Hybrid.Samples.Serving.Http;

/// <summary>POST /events: one image or several, to a result or a reason each.</summary>
/// <param name="pipeline">Where events go.</param>
/// <param name="reader">What makes images of bytes.</param>
/// <param name="limits">What a request may ask for.</param>
internal sealed class EventsEndpoint(ScoringPipeline pipeline, FrameReader reader, RequestLimits limits)
{
    /// <summary>One event of a request: an image, or why there is none.</summary>
    private sealed record Sent(string Name, ImageSet? Image, string? Error);

    // Bodies of so many requests are in memory at once; images that wait are bounded by the pipeline.
    private readonly SemaphoreSlim _gate = new(limits.MostRequests);

    /// <summary>Answers a request.</summary>
    public async Task Post(HttpContext context)
    {
        if (pipeline.Broken is { } broken)
        {
            await Answers.Error(context, StatusCodes.Status503ServiceUnavailable, broken);
            return;
        }
        try
        {
            IReadOnlyList<Sent> sent;
            bool isSingle;
            await _gate.WaitAsync(context.RequestAborted);
            try
            {
                (sent, isSingle) = await Read(context);
            }
            finally
            {
                _gate.Release();
            }
            if (sent.Count == 0) throw new BadEventException("empty", "expected at least one image, got none.");
            await Accept(context, sent, isSingle);
        }
        catch (BadEventException failure)
        {
            pipeline.Statistics.Refused(failure.Label);
            await Answers.Error(context, StatusCodes.Status400BadRequest, failure.Message);
        }
        catch (BadHttpRequestException failure)
        {
            pipeline.Statistics.Refused(failure.StatusCode == StatusCodes.Status413PayloadTooLarge ? "too large" : "bad request");
            await Answers.Error(
                context, failure.StatusCode, failure.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? $"expected at most {limits.MostBytes} bytes in a request, got more."
                    : failure.Message);
        }
        catch (UnsupportedTypeException failure)
        {
            pipeline.Statistics.Refused("unknown type");
            await Answers.Error(context, StatusCodes.Status415UnsupportedMediaType, failure.Message);
        }
    }

    private async Task Accept(HttpContext context, IReadOnlyList<Sent> sent, bool isSingle)
    {
        var received = DateTimeOffset.UtcNow;
        var accepted = new AcceptedEvent?[sent.Count];
        var errors = sent.Select(one => one.Error).ToArray();
        var isFull = false;
        var all = sent.Select(async (one, i) =>
        {
            if (one.Image is null) return;
            try
            {
                accepted[i] = await pipeline.Accept("http", one.Name, received, one.Image);
            }
            catch (Exception failure) when (failure is PipelineFullException or IOException)
            {
                isFull = true;
                errors[i] = failure.Message;
                pipeline.Statistics.Refused(failure is IOException ? "disk" : "too many waiting");
            }
        });
        await Task.WhenAll(all);

        var waits = context.Request.Query["wait"].ToString() is not ("no" or "false" or "0");
        var results = new ScoredEvent?[sent.Count];
        if (waits)
        {
            for (var i = 0; i < accepted.Length; i++)
            {
                try
                {
                    if (accepted[i] is { } one) results[i] = await one.Scored.WaitAsync(context.RequestAborted);
                }
                catch (IOException failure)
                {
                    errors[i] = failure.Message;
                }
            }
        }
        var good = accepted.Count(one => one is not null);
        context.Response.StatusCode = good == sent.Count ? (waits ? StatusCodes.Status200OK : StatusCodes.Status202Accepted)
            : good > 0 ? StatusCodes.Status207MultiStatus
            : isFull ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status400BadRequest;
        if (isFull) context.Response.Headers.RetryAfter = "1";
        await Answers.Json(context, json =>
        {
            if (!isSingle)
            {
                json.WriteStartObject();
                json.WriteStartArray("events");
            }
            for (var i = 0; i < sent.Count; i++)
            {
                json.WriteStartObject();
                if (results[i] is { } result) ResultLog.Describe(json, result, pipeline.Quantities);
                else
                {
                    if (accepted[i] is { } one) json.WriteNumber("id", one.Id);
                    json.WriteString("name", sent[i].Name);
                    if (errors[i] is { } error) json.WriteString("error", error);
                }
                json.WriteEndObject();
            }
            if (!isSingle)
            {
                json.WriteEndArray();
                json.WriteEndObject();
            }
        });
    }

    private async Task<(IReadOnlyList<Sent> Events, bool IsSingle)> Read(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength > limits.MostBytes)
            throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
        var name = Named(request.Query["name"].ToString());
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) throw Unsupported(request.ContentType);
        switch (type.MediaType.Value?.ToLowerInvariant())
        {
            case "image/png":
                return ([new Sent(name, reader.Png(name, await Body(request.Body, context)), null)], true);
            case "application/octet-stream":
                var (height, width) = (Size(request, "height"), Size(request, "width"));
                var images = reader.Raw(name, await Body(request.Body, context), height, width);
                Count(images.Count);
                return ([.. images.Select(image => new Sent(name, image, null))], images.Count == 1);
            case "multipart/form-data":
                return (await Parts(context, type), false);
            default:
                throw Unsupported(request.ContentType);
        }
    }

    private async Task<IReadOnlyList<Sent>> Parts(HttpContext context, MediaTypeHeaderValue type)
    {
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        if (string.IsNullOrEmpty(boundary) || boundary.Length > 200)
            throw new BadEventException("bad request", "expected a multipart request with a boundary of at most 200 characters.");
        var parts = new List<(string Name, byte[] Bytes)>();
        try
        {
            var multipart = new MultipartReader(boundary, context.Request.Body) { HeadersLengthLimit = 16 << 10 };
            while (await multipart.ReadNextSectionAsync(context.RequestAborted) is { } section)
            {
                ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition);
                parts.Add((Named(NameOf(disposition)), await Body(section.Body, context)));
                Count(parts.Count);
            }
        }
        catch (Exception failure) when (failure is InvalidDataException || (failure is IOException and not BadHttpRequestException))
        {
            throw new BadEventException("bad request", $"expected a whole multipart request: {failure.Message}");
        }
        var sent = new Sent[parts.Count];
        Parallel.For(0, parts.Count, i =>
        {
            try
            {
                sent[i] = new Sent(parts[i].Name, reader.Png(parts[i].Name, parts[i].Bytes), null);
            }
            catch (BadEventException failure)
            {
                pipeline.Statistics.Refused(failure.Label);
                sent[i] = new Sent(parts[i].Name, null, failure.Message);
            }
        });
        return sent;
    }

    private static string NameOf(ContentDispositionHeaderValue? part)
    {
        if (part is null) return "";
        var name = part.FileNameStar.HasValue ? part.FileNameStar : part.FileName.HasValue ? part.FileName : part.Name;
        return HeaderUtilities.RemoveQuotes(name).Value ?? "";
    }

    private void Count(int events)
    {
        if (events > limits.MostEvents)
            throw new BadEventException("too many", $"expected at most {limits.MostEvents} images in a request, got more.");
    }

    private async Task<byte[]> Body(Stream body, HttpContext context)
    {
        // A camera image is large for the garbage collector: of a length that is known it is read into its own array.
        if (body == context.Request.Body && context.Request.ContentLength is { } known && known <= limits.MostBytes)
        {
            var whole = new byte[known];
            try
            {
                await body.ReadExactlyAsync(whole, context.RequestAborted);
            }
            catch (EndOfStreamException failure)
            {
                throw new BadHttpRequestException($"expected {known} bytes, as the request said, got fewer", failure);
            }
            return whole;
        }
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            if (content.Length + read > limits.MostBytes)
                throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private static int Size(HttpRequest request, string name)
        => int.TryParse(request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? size
            : throw new BadEventException(
                "wrong size",
                $"raw pixels: expected their sizes in the address, as /events?height=576&width=576, got {name} '{request.Query[name]}'.");

    /// <summary>What a sender calls an event, on one line.</summary>
    private static string Named(string text)
        => new([.. text.Where(letter => !char.IsControl(letter)).Take(200)]);

    private static UnsupportedTypeException Unsupported(string? type)
        => new(
            "expected image/png, application/octet-stream (raw pixels of 16 bits, ?height=H&width=W) or multipart/form-data, "
                + $"got '{type}'.");

    private sealed class UnsupportedTypeException(string message) : Exception(message);
}

/// <summary>What a request may ask for.</summary>
/// <param name="MostBytes">Bytes of its body.</param>
/// <param name="MostEvents">Images in it.</param>
/// <param name="MostRequests">Requests that are read at once; further ones wait.</param>
public sealed record RequestLimits(long MostBytes, int MostEvents, int MostRequests)
{
    /// <summary>64 MiB, which are 250 camera images; 1024 images; 64 requests.</summary>
    public static RequestLimits Usual { get; } = new(64L << 20, 1024, 64);
}

/// <summary>JSON answers.</summary>
internal static class Answers
{
    public static Task Error(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable) context.Response.Headers.RetryAfter = "1";
        return Json(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("error", message);
            json.WriteEndObject();
        });
    }

    public static async Task Json(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content)) write(json);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content.GetBuffer().AsMemory(0, (int)content.Length), context.RequestAborted);
    }
}
