using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Models.Deployment;

namespace Hybrid.Samples.Serving.Storage;

/// <summary>
/// Archives of models in a bucket, each under the name that its hash gives. One stands there whole or not at all: it is uploaded under a
/// temporary key, read back and compared, copied on the server, and the temporary one removed.
/// </summary>
public sealed class ModelStore(ObjectStore store, string prefix = "models/")
{
    private static readonly TimeSpan _old = TimeSpan.FromDays(1);

    // Without a slash: a copy's source is percent-encoded in a header, and some servers (s3rver) do not decode it.
    private const string Uploads = "hybrid-upload-";

    /// <summary>Publishes an archive.</summary>
    /// <returns>Its key, and whether it stood there before.</returns>
    /// <exception cref="IOException">The storage cannot be reached, refuses, or gave back other bytes.</exception>
    public async Task<(string Key, bool WasThere)> Publish(ModelArchive archive, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var key = prefix + archive.FileName;
        var length = new FileInfo(archive.FilePath).Length;
        if (await store.Find(key, stop) is { } there && there.Bytes == length && await HashOf(key, stop) == archive.Hash)
            return (key, true);
        var temporary = $"{Uploads}{archive.Hash[..ModelArchive.ShortHash]}-{Guid.NewGuid():N}.part";
        try
        {
            await store.Put(temporary, archive.FilePath, stop);
            var hash = await HashOf(temporary, stop);
            if (hash != archive.Hash)
                throw new IOException($"{store}: expected to read {temporary} back as it was written, got SHA-256 {hash}.");
            await store.Copy(temporary, key, stop);
            if (await HashOf(key, stop) is var copied && copied != archive.Hash)
            {
                await store.Remove(key, CancellationToken.None);
                throw new IOException($"{store}: expected {key} to be a copy of what was uploaded, got SHA-256 {copied}.");
            }
        }
        finally
        {
            // Also after Ctrl-C; what a killed process leaves is removed by the next one, a day later.
            await Tidy(temporary);
        }
        return (key, false);
    }

    /// <summary>Fetches an archive into a folder, where its hash names it; one that stands there is checked and kept.</summary>
    /// <param name="system">Which system's: <c>cygno</c>.</param>
    /// <param name="name">Its hash or the beginning of it, its file name, or <c>latest</c>.</param>
    /// <param name="folder">Made where it is not there.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="FileNotFoundException">The bucket has no such model.</exception>
    /// <exception cref="InvalidDataException">What came is not what its name says.</exception>
    public async Task<ModelArchive> Fetch(string system, string name, string folder, CancellationToken stop = default)
    {
        var found = await Find(system, name, stop);
        var path = Path.Combine(folder, found.Key[prefix.Length..]);
        if (File.Exists(path))
        {
            try
            {
                return ModelArchive.Open(path);
            }
            catch (InvalidDataException)
            {
                // Damaged since: fetched again.
            }
        }
        Directory.CreateDirectory(folder);
        // Under a name with the hash, which Open compares, before it gets its own.
        var half = Path.Combine(folder, $"fetch-{Environment.ProcessId}{Path.GetFileName(path)[system.Length..]}");
        try
        {
            await using (var stream = new FileStream(half, FileMode.Create))
            {
                await store.Get(found.Key, stream, stop: stop);
                stream.Flush(flushToDisk: true);
            }
            ModelArchive.Open(half);
            File.Move(half, path, overwrite: true);
        }
        catch (InvalidDataException failure)
        {
            throw new InvalidDataException(failure.Message.Replace(half, $"{store}/{found.Key}", StringComparison.Ordinal), failure);
        }
        finally
        {
            File.Delete(half);
        }
        return ModelArchive.Open(path);
    }

    private async Task<StoredObject> Find(string system, string name, CancellationToken stop)
    {
        var all = (await store.List($"{prefix}{system}-", stop))
            .Where(one => one.Key.EndsWith(".zip", StringComparison.Ordinal))
            .ToArray();
        var places = $"{store}/{prefix}";
        if (all.Length == 0) throw new FileNotFoundException($"{places}: expected models of {system}, got none.");
        if (name == "latest") return all.MaxBy(one => one.Modified)!;
        var hash = Path.GetFileNameWithoutExtension(name);
        if (hash.StartsWith(system + "-", StringComparison.Ordinal)) hash = hash[(system.Length + 1)..];
        // A whole hash is longer than what names a file.
        var named = all.Where(one => Matches(one.Key[(prefix.Length + system.Length + 1)..^".zip".Length])).ToArray();
        return named.Length switch
        {
            1 => named[0],
            0 => throw new FileNotFoundException(
                $"{places}: expected a model whose hash begins with '{hash}', there is none. There are "
                    + $"{string.Join(", ", all.Take(5).Select(one => one.Key[prefix.Length..]))}{(all.Length > 5 ? ", …" : "")}."),
            _ => throw new FileNotFoundException(
                $"{places}: expected one model whose hash begins with '{hash}', there are {named.Length}. Give more digits."),
        };

        bool Matches(string stored)
            => hash.Length > 0 && (stored.StartsWith(hash, StringComparison.Ordinal) || hash.StartsWith(stored, StringComparison.Ordinal));
    }

    private async Task<string> HashOf(string key, CancellationToken stop)
    {
        var path = Path.GetTempFileName();
        try
        {
            await using (var stream = new FileStream(path, FileMode.Create)) await store.Get(key, stream, stop: stop);
            return ModelArchive.HashOf(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task Tidy(string temporary)
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await store.Remove(temporary, soon.Token);
            foreach (var left in await store.List(Uploads, soon.Token))
                if (DateTimeOffset.UtcNow - left.Modified > _old) await store.Remove(left.Key, soon.Token);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // It has no model's name and does no harm; the failure that brought us here is the one to report.
        }
    }
}
