using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Security.Authentication;
using System.Threading;
using System.Threading.Tasks;
using Minio;
using Minio.DataModel.Args;
using Minio.Exceptions;

namespace Hybrid.Samples.Serving.Storage;

/// <summary>An object of a bucket.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Version">Changes with its content (the ETag).</param>
/// <param name="Modified">When it was written.</param>
public sealed record StoredObject(string Key, long Bytes, string Version, DateTimeOffset Modified);

/// <summary>
/// One bucket of an S3-compatible object storage. A request that the network or the server failed is tried again; a refusal is not.
/// </summary>
public sealed class ObjectStore : IDisposable
{
    private readonly ObjectStoreOptions _options;
    private readonly IMinioClient _client;

    public ObjectStore(ObjectStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var client = new MinioClient()
            .WithEndpoint(options.Endpoint.Authority)
            .WithCredentials(options.AccessKey, options.SecretKey)
            .WithRegion(options.Region)
            .WithSSL(options.Endpoint.Scheme == "https")
            .WithHttpClient(new HttpClient(new ListingDialect()) { Timeout = TimeSpan.FromMinutes(10) }, disposeHttpClient: true);
        _client = client.Build();
    }

    /// <summary>Address and bucket, for messages.</summary>
    public override string ToString() => _options.ToString();

    /// <summary>An object's length and version; null where there is none.</summary>
    public Task<StoredObject?> Find(string key, CancellationToken stop = default)
        => Tried<StoredObject?>(
            $"look at {key}",
            async () =>
            {
                try
                {
                    var found = await _client.StatObjectAsync(
                        new StatObjectArgs().WithBucket(_options.Bucket).WithObject(key), stop).ConfigureAwait(false);
                    return new StoredObject(key, found.Size, found.ETag ?? "", found.LastModified);
                }
                catch (ObjectNotFoundException)
                {
                    return null;
                }
            },
            stop);

    /// <summary>The objects whose keys begin with a prefix, by key.</summary>
    public Task<IReadOnlyList<StoredObject>> List(string prefix, CancellationToken stop = default)
        => Tried<IReadOnlyList<StoredObject>>(
            $"list '{prefix}'",
            async () =>
            {
                var found = new List<StoredObject>();
                var asked = new ListObjectsArgs().WithBucket(_options.Bucket).WithPrefix(prefix).WithRecursive(true);
                await foreach (var item in _client.ListObjectsEnumAsync(asked, stop).ConfigureAwait(false))
                {
                    if (!item.IsDir)
                        found.Add(new StoredObject(item.Key, (long)item.Size, item.ETag ?? "", item.LastModifiedDateTime ?? default));
                }
                return [.. found.OrderBy(one => one.Key, StringComparer.Ordinal)];
            },
            stop);

    /// <summary>Writes a file as an object, which a reader may see half where the storage is not atomic.</summary>
    public Task Put(string key, string path, CancellationToken stop = default)
        => Tried(
            $"write {key}",
            async () =>
            {
                await using var stream = File.OpenRead(path);
                await _client.PutObjectAsync(
                    new PutObjectArgs().WithBucket(_options.Bucket).WithObject(key).WithStreamData(stream).WithObjectSize(stream.Length)
                        .WithContentType("application/octet-stream"),
                    stop).ConfigureAwait(false);
                return true;
            },
            stop);

    /// <summary>Copies an object within the bucket, on the server.</summary>
    public Task Copy(string from, string to, CancellationToken stop = default)
        => Tried(
            $"copy {from} to {to}",
            async () =>
            {
                await _client.CopyObjectAsync(
                    new CopyObjectArgs().WithBucket(_options.Bucket).WithObject(to).WithCopyObjectSource(
                        new CopySourceObjectArgs().WithBucket(_options.Bucket).WithObject(from)),
                    stop).ConfigureAwait(false);
                return true;
            },
            stop);

    /// <summary>Removes an object; one that is not there is removed already.</summary>
    public Task Remove(string key, CancellationToken stop = default)
        => Tried(
            $"remove {key}",
            async () =>
            {
                await _client.RemoveObjectAsync(
                    new RemoveObjectArgs().WithBucket(_options.Bucket).WithObject(key), stop).ConfigureAwait(false);
                return true;
            },
            stop);

    /// <summary>Reads an object into a stream that can be written from its start again.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="target">Emptied before each try.</param>
    /// <param name="mostBytes">What is longer is refused.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="FileNotFoundException">There is no such object.</exception>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    public Task Get(string key, Stream target, long mostBytes = long.MaxValue, CancellationToken stop = default)
        => Tried(
            $"read {key}",
            async () =>
            {
                target.SetLength(0);
                try
                {
                    var found = await _client.GetObjectAsync(
                        new GetObjectArgs().WithBucket(_options.Bucket).WithObject(key).WithCallbackStream(
                            (source, cancelled) => CopyBounded(source, target, mostBytes, key, cancelled)),
                        stop).ConfigureAwait(false);
                    if (target.Length != found.Size)
                        throw new HttpRequestException($"{target.Length} of {found.Size} bytes came");
                    return true;
                }
                catch (ObjectNotFoundException failure)
                {
                    throw new FileNotFoundException($"{this}: expected the object {key}, there is none.", key, failure);
                }
            },
            stop);

    public void Dispose() => _client.Dispose();

    private static async Task CopyBounded(Stream source, Stream target, long mostBytes, string key, CancellationToken stop)
    {
        var buffer = new byte[1 << 16];
        long length = 0;
        while (await source.ReadAsync(buffer, stop).ConfigureAwait(false) is > 0 and var read)
        {
            length += read;
            if (length > mostBytes) throw new InvalidDataException($"{key}: expected at most {mostBytes} bytes, got more.");
            await target.WriteAsync(buffer.AsMemory(0, read), stop).ConfigureAwait(false);
        }
    }

    private async Task<T> Tried<T>(string what, Func<Task<T>> ask, CancellationToken stop)
    {
        for (var (attempt, wait) = (1, _options.FirstWait); ; attempt++, wait *= 2)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (Exception failure) when (IsPassing(failure) && attempt < _options.Tries && !stop.IsCancellationRequested)
            {
                await Task.Delay(wait, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception failure) when (failure is not (FileNotFoundException or InvalidDataException or OutOfMemoryException))
            {
                throw new IOException($"{this}: could not {what}: {Reason(failure, attempt)}", failure);
            }
        }
    }

    /// <summary>Whether trying again may help: the network, a time-out, an overloaded server.</summary>
    private static bool IsPassing(Exception failure) => failure switch
    {
        HttpRequestException { InnerException: AuthenticationException } => false, // the certificate will not become another
        HttpRequestException or TimeoutException or TaskCanceledException or ConnectionException => true,
        IOException => failure is not (FileNotFoundException or DirectoryNotFoundException),
        InternalClientException => true,
        MinioException { ServerResponse.StatusCode: var code } => (int)code >= 500 || (int)code == 429,
        _ => false,
    };

    private static string Reason(Exception failure, int attempts)
    {
        var tried = attempts > 1 ? $" (tried {attempts} times)" : "";
        return failure switch
        {
            BucketNotFoundException => "the bucket does not exist, or is not yours to see. Make it first, or give another --bucket.",
            AccessDeniedException or AuthorizationException or ForbiddenException
                => "access was refused. Check the keys (--access-key, --secret-key) and what they may do.",
            HttpRequestException { InnerException: AuthenticationException certificate }
                => $"the server's certificate is not trusted: {certificate.Message}",
            // Minio's own failure where an answer has no text.
            ArgumentNullException { ParamName: "message" } => "the server refused without a reason.",
            _ => failure.Message.TrimEnd('.') + tried + ".",
        };
    }
}
