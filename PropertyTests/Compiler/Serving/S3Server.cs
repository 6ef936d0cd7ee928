using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Hybrid.PropertyTests.Compiler.Roslyn;
using Hybrid.Samples.Serving.Storage;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>An S3 server of its own process on this machine, with one bucket, in a folder that goes with it.</summary>
internal sealed class S3Server : IDisposable
{
    public const string Bucket = "models", Key = "S3RVER";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-s3-");
    private readonly Process _process;

    public S3Server()
    {
        var program = Repository.Path("tools", "node_modules", "s3rver", "bin", "s3rver.js");
        _process = Process.Start(
            new ProcessStartInfo(
                "node", [program, "-d", _folder.FullName, "-a", "127.0.0.1", "-p", "0", "--configure-bucket", Bucket])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
        var errors = _process.StandardError.ReadToEndAsync();
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            if (Regex.Match(line, @"listening on 127\.0\.0\.1:(\d+)") is not { Success: true } found) continue;
            Port = int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
            _ = _process.StandardOutput.ReadToEndAsync(); // what it prints of requests
            return;
        }
        throw new InvalidOperationException($"s3rver did not start: {errors.Result}");
    }

    public int Port { get; }

    /// <summary>Options of a client, by another port where something stands between.</summary>
    public ObjectStoreOptions Options(int? port = null)
        => new(new Uri($"http://127.0.0.1:{port ?? Port}"), Bucket, Key, Key) { Tries = 3, FirstWait = TimeSpan.FromMilliseconds(20) };

    /// <summary>The variables that a command reads.</summary>
    public (string Name, string Value)[] Environment =>
        [
            (ObjectStoreOptions.EndpointVariable, $"http://127.0.0.1:{Port}"), (ObjectStoreOptions.BucketVariable, Bucket),
            (ObjectStoreOptions.AccessKeyVariable, Key), (ObjectStoreOptions.SecretKeyVariable, Key),
        ];

    /// <summary>The keys in the bucket.</summary>
    public IReadOnlyList<string> Keys()
    {
        using var store = new ObjectStore(Options());
        return [.. store.List("").GetAwaiter().GetResult().Select(one => one.Key)];
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                _folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(50);
            }
        }
    }
}
