using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hybrid.Models.Deployment;
using Hybrid.Samples.Serving.Storage;
using Xunit;

namespace Hybrid.PropertyTests.Compiler.Serving;

/// <summary>Models in a real S3 server: whole under their names or not there, over a network that fails.</summary>
public sealed class ModelStoreTests : IDisposable
{
    private readonly S3Server _server = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hybrid-store-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task PublishedModel_IsFetchedByteForByte_ByHashAndAsLatest()
    {
        using var store = new ObjectStore(_server.Options());
        var models = new ModelStore(store);
        var (first, second) = (ToyScorer.Archive(_folder.FullName, 1), ToyScorer.Archive(_folder.FullName, 2));
        Assert.Equal(($"models/{first.FileName}", false), await models.Publish(first, Stop));
        Assert.Equal(($"models/{first.FileName}", true), await models.Publish(first, Stop));
        await Task.Delay(1100, Stop); // the server's times are whole seconds
        await models.Publish(second, Stop);
        Assert.Equal(new[] { $"models/{first.FileName}", $"models/{second.FileName}" }.Order(StringComparer.Ordinal), _server.Keys());

        var place = Path.Combine(_folder.FullName, "fetched");
        foreach (var (name, wanted) in new[]
            {
                (first.Hash, first), (first.Hash[..6], first), (first.FileName, first), ("latest", second), (second.Hash[..16], second),
            })
        {
            var fetched = await models.Fetch("toy", name, place, Stop);
            Assert.Equal(Path.Combine(place, wanted.FileName), fetched.FilePath);
            Assert.Equal(File.ReadAllBytes(wanted.FilePath), File.ReadAllBytes(fetched.FilePath));
        }

        // What was damaged on this disk is fetched again; what is damaged over there gets no name here.
        var kept = Path.Combine(place, first.FileName);
        File.WriteAllBytes(kept, [.. File.ReadAllBytes(kept).SkipLast(1)]);
        Assert.Equal(first.Hash, (await models.Fetch("toy", first.Hash, place, Stop)).Hash);
        File.Delete(kept);
        await store.Put($"models/{first.FileName}", second.FilePath, Stop);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => models.Fetch("toy", first.Hash, place, Stop));
        Assert.Contains($"expected the archive whose SHA-256 begins with {first.Hash[..16]}", refused.Message, StringComparison.Ordinal);
        Assert.Equal([second.FileName], Directory.GetFiles(place).Select(Path.GetFileName));
    }

    [Fact]
    public async Task CutUpload_LeavesNothingUnderTheModelsName_AndIsTriedAgain()
    {
        var archive = ToyScorer.Archive(_folder.FullName, 3);
        using (var cut = new CutConnection(_server.Port, 100_000, times: int.MaxValue))
        using (var store = new ObjectStore(_server.Options(cut.Port)))
        {
            var failure = await Assert.ThrowsAsync<IOException>(() => new ModelStore(store).Publish(archive, Stop));
            Assert.Contains("could not write hybrid-upload-", failure.Message, StringComparison.Ordinal);
            Assert.Contains("(tried 3 times)", failure.Message, StringComparison.Ordinal);
            Assert.True(cut.Cuts >= 3, $"the connection was cut {cut.Cuts} times");
        }
        Assert.DoesNotContain(_server.Keys(), key => key.StartsWith("models/", StringComparison.Ordinal));

        using (var cut = new CutConnection(_server.Port, 100_000, times: 2))
        using (var store = new ObjectStore(_server.Options(cut.Port)))
        {
            await new ModelStore(store).Publish(archive, Stop);
            Assert.Equal(2, cut.Cuts);
        }
        // A half upload that the server kept has no model's name; the model has its own, and is whole.
        Assert.Equal(
            [$"models/{archive.FileName}"], _server.Keys().Where(key => !key.StartsWith("hybrid-upload-", StringComparison.Ordinal)));
        using var direct = new ObjectStore(_server.Options());
        var fetched = await new ModelStore(direct).Fetch("toy", archive.Hash, Path.Combine(_folder.FullName, "fetched"), Stop);
        Assert.Equal(File.ReadAllBytes(archive.FilePath), File.ReadAllBytes(fetched.FilePath));
    }

    [Fact]
    public async Task WhatIsNotThere_IsNamed()
    {
        using var store = new ObjectStore(_server.Options());
        var models = new ModelStore(store);
        var none = await Assert.ThrowsAsync<FileNotFoundException>(() => models.Fetch("toy", "latest", _folder.FullName, Stop));
        Assert.Equal($"{store}/models/: expected models of toy, got none.", none.Message);
        var archive = ToyScorer.Archive(_folder.FullName, 4);
        await models.Publish(archive, Stop);
        var unknown = await Assert.ThrowsAsync<FileNotFoundException>(() => models.Fetch("toy", "zz", _folder.FullName, Stop));
        Assert.Equal(
            $"{store}/models/: expected a model whose hash begins with 'zz', there is none. There are {archive.FileName}.",
            unknown.Message);
        using var elsewhere = new ObjectStore(_server.Options() with { Bucket = "nothing-here" });
        var bucket = await Assert.ThrowsAsync<IOException>(() => new ModelStore(elsewhere).Publish(archive, Stop));
        Assert.Contains("the bucket does not exist", bucket.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://example.org", "--endpoint: expected https, since keys and models would travel unencrypted to example.org. ")]
    [InlineData("ftp://example.org", "--endpoint: expected an address such as https://storage.example.org, got 'ftp://example.org'.")]
    [InlineData("https://u:p@example.org", "--endpoint: expected an address such as https://storage.example.org, got ")]
    public void Addresses_ThatWouldNotDo_AreRefused(string endpoint, string message)
    {
        var refused = Assert.Throws<ArgumentException>(() => ObjectStoreOptions.From(endpoint, "b", "k", "s"));
        Assert.StartsWith(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_AreNotPrinted()
        => Assert.Equal("https://localhost:1/b", ObjectStoreOptions.From("localhost:1", "b", "key", "secret").ToString());
}
