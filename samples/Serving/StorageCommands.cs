using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using Hybrid.Models.Deployment;
using Hybrid.Samples.CommandLine;
using Hybrid.Samples.Serving.Storage;

namespace Hybrid.Samples.Serving;

/// <summary>Options that say where an object storage is, and the commands that bring a system's models there and back.</summary>
public sealed class StorageCommands
{
    /// <summary>What a model in the storage begins with on a command line: <c>s3:latest</c>.</summary>
    public const string Scheme = "s3:";

    private readonly Option<string?> _endpoint = Options.Text(
        "--endpoint", $"Address of the S3-compatible storage, https ({ObjectStoreOptions.EndpointVariable}).");
    private readonly Option<string?> _bucket = Options.Text("--bucket", $"Its bucket ({ObjectStoreOptions.BucketVariable}).");
    private readonly Option<string?> _prefix = Options.Text("--prefix", "Prefix of the models' keys (models/).");
    private readonly Option<string?> _accessKey = Options.Text(
        "--access-key", $"Who asks ({ObjectStoreOptions.AccessKeyVariable}).");
    private readonly Option<string?> _secretKey = Options.Text(
        "--secret-key", $"Proves it; the environment shows it to fewer people ({ObjectStoreOptions.SecretKeyVariable}).");
    private readonly Option<bool> _plain = Options.Flag(
        "--plain-http", "Allow plain http to another machine, on a network that you trust.");
    private readonly CommandProgram _program;
    private readonly ServedSystem _system;

    public StorageCommands(CommandProgram program, ServedSystem system) => (_program, _system) = (program, system);

    /// <summary>The options, for commands that read from a storage.</summary>
    public IEnumerable<Option> All => [_endpoint, _bucket, _prefix, _accessKey, _secretKey, _plain];

    /// <summary>publish: an archive into the bucket.</summary>
    public Command Publish()
    {
        var file = new Argument<string>("archive") { Description = "Archive that export made." };
        var command = new Command("publish", "Uploads an exported model to S3-compatible storage, completely or not at all.") { file };
        foreach (var option in All) command.Add(option);
        command.SetAction(_program.Guarded(parsed =>
        {
            var archive = ModelArchive.Open(parsed.GetValue(file)!);
            if (archive.Manifest.System != _system.Name)
                throw new InvalidDataException(
                    $"{archive.FilePath}: expected a model of {_system.Name}, got one of {archive.Manifest.System}.");
            using var store = StoreOf(parsed);
            var (key, wasThere) = ModelsOf(parsed, store).Publish(archive, _program.Stop).GetAwaiter().GetResult();
            Console.WriteLine($"{key} in {store}{(wasThere ? ", as before" : "")}");
            return 0;
        }));
        return command;
    }

    /// <summary>fetch: an archive from the bucket.</summary>
    public Command Fetch()
    {
        var name = new Argument<string>("model") { Description = "The beginning of its hash, its file name, or latest." };
        var folder = Options.Output("Folder of the archive (runs/models).");
        var command = new Command("fetch", "Downloads a published model and checks it against its hash.") { name, folder };
        foreach (var option in All) command.Add(option);
        command.SetAction(_program.Guarded(parsed =>
        {
            Console.WriteLine(Fetched(parsed, parsed.GetValue(name)!, parsed.GetValue(folder), _program.Stop).FilePath);
            return 0;
        }));
        return command;
    }

    /// <summary>An archive that a command line names: a file, or <c>s3:</c> and what fetch takes.</summary>
    public ModelArchive Model(ParseResult parsed, string name)
        => name.StartsWith(Scheme, StringComparison.Ordinal)
            ? Fetched(parsed, name[Scheme.Length..], null, _program.Stop)
            : ModelArchive.Open(name);

    /// <summary>The storage that options and environment name.</summary>
    public ObjectStore StoreOf(ParseResult parsed)
        => new(ObjectStoreOptions.From(
            parsed.GetValue(_endpoint), parsed.GetValue(_bucket), parsed.GetValue(_accessKey), parsed.GetValue(_secretKey),
            parsed.GetValue(_plain)));

    private ModelStore ModelsOf(ParseResult parsed, ObjectStore store) => new(store, parsed.GetValue(_prefix) ?? "models/");

    private ModelArchive Fetched(ParseResult parsed, string name, string? folder, CancellationToken stop)
    {
        using var store = StoreOf(parsed);
        return ModelsOf(parsed, store).Fetch(_system.Name, name, folder ?? Path.Combine("runs", "models"), stop).GetAwaiter().GetResult();
    }
}
