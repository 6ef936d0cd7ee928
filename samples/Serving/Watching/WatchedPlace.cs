using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Samples.Serving.Storage;

namespace Hybrid.Samples.Serving.Watching;

/// <summary>A file that may be a new event.</summary>
/// <param name="Name">Its path or key.</param>
/// <param name="Source">The same with what changes when its content does: by this it is known again.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="IsSettled">Whether it is certainly whole; otherwise it must look the same twice.</param>
public sealed record WatchedFile(string Name, string Source, long Bytes, bool IsSettled);

/// <summary>Where new events appear as PNG files; nothing is changed there.</summary>
public interface IWatchedPlace
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>The PNG files that are there, in order of their names.</summary>
    Task<IReadOnlyList<WatchedFile>> List(CancellationToken stop);

    /// <summary>A file's content.</summary>
    Task<byte[]> Read(WatchedFile file, CancellationToken stop);
}

/// <summary>A folder and those below it.</summary>
public sealed class WatchedFolder(string folder) : IWatchedPlace
{
    // Who writes a file writes on within this time; a file that was renamed into place is whole at once, and waits as long.
    private static readonly TimeSpan _settles = TimeSpan.FromSeconds(1);

    public string Name { get; } = Path.GetFullPath(folder);

    public Task<IReadOnlyList<WatchedFile>> List(CancellationToken stop)
    {
        if (!Directory.Exists(Name)) throw new DirectoryNotFoundException($"{Name}: expected a folder to watch, there is none.");
        var now = DateTime.UtcNow;
        var found = new List<WatchedFile>();
        foreach (var file in new DirectoryInfo(Name).EnumerateFiles("*.png", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(Name, file.FullName).Replace('\\', '/');
            var time = file.LastWriteTimeUtc;
            var source = string.Create(CultureInfo.InvariantCulture, $"file:{path}|{file.Length}|{time.Ticks}");
            found.Add(new WatchedFile(path, source, file.Length, now - time > _settles));
        }
        return Task.FromResult<IReadOnlyList<WatchedFile>>([.. found.OrderBy(file => file.Name, StringComparer.Ordinal)]);
    }

    public Task<byte[]> Read(WatchedFile file, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(file);
        return File.ReadAllBytesAsync(Path.Combine(Name, file.Name), stop);
    }
}

/// <summary>The objects of a bucket whose keys begin with a prefix.</summary>
public sealed class WatchedPrefix(ObjectStore store, string prefix) : IWatchedPlace
{
    public string Name { get; } = $"{store}/{prefix}";

    public async Task<IReadOnlyList<WatchedFile>> List(CancellationToken stop)
        => [.. (await store.List(prefix, stop))
            .Where(one => one.Key.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            .Select(one => new WatchedFile(one.Key, $"s3:{one.Key}|{one.Bytes}|{one.Version.Trim('"')}", one.Bytes, true))];

    public async Task<byte[]> Read(WatchedFile file, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var content = new MemoryStream();
        await store.Get(file.Name, content, file.Bytes, stop);
        return content.ToArray();
    }
}
