using System;
using System.Net;

namespace Hybrid.Samples.Serving.Storage;

/// <summary>Where an S3-compatible object storage is, and who asks.</summary>
/// <param name="Endpoint">Its address; https, or http on this machine and where that was asked for.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="AccessKey">Who asks.</param>
/// <param name="SecretKey">Proves it; never printed.</param>
public sealed record ObjectStoreOptions(Uri Endpoint, string Bucket, string AccessKey, string SecretKey)
{
    /// <summary>Names of the environment's variables; the last two are those of S3's own tools.</summary>
    public const string EndpointVariable = "HYBRID_S3_ENDPOINT", BucketVariable = "HYBRID_S3_BUCKET",
        AccessKeyVariable = "AWS_ACCESS_KEY_ID", SecretKeyVariable = "AWS_SECRET_ACCESS_KEY", RegionVariable = "AWS_REGION";

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>How often a request is tried that the network or the server failed.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>Between the first two tries; each later wait is twice as long.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Options from the command line, and where they are not given from the environment.</summary>
    /// <param name="endpoint">--endpoint.</param>
    /// <param name="bucket">--bucket.</param>
    /// <param name="accessKey">--access-key.</param>
    /// <param name="secretKey">--secret-key.</param>
    /// <param name="allowsPlain">--plain-http: keys and models may travel unencrypted to another machine.</param>
    /// <exception cref="ArgumentException">One is missing or cannot be understood; the message names option and variable.</exception>
    public static ObjectStoreOptions From(
        string? endpoint, string? bucket, string? accessKey, string? secretKey, bool allowsPlain = false)
    {
        var text = Needed(endpoint, "--endpoint", EndpointVariable, "an address such as https://storage.example.org");
        if (!text.Contains("://", StringComparison.Ordinal)) text = "https://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
            || address.AbsolutePath != "/"
            || address.UserInfo.Length > 0)
            throw new ArgumentException($"--endpoint: expected an address such as https://storage.example.org, got '{text}'.");
        if (address.Scheme == "http" && !allowsPlain && !IsHere(address))
            throw new ArgumentException(
                $"--endpoint: expected https, since keys and models would travel unencrypted to {address.Host}. "
                    + "Give https://, or --plain-http for a network that you trust.");
        return new(
            address, Needed(bucket, "--bucket", BucketVariable, "the name of a bucket"),
            Needed(accessKey, "--access-key", AccessKeyVariable, "an access key"),
            Needed(secretKey, "--secret-key", SecretKeyVariable, "a secret key"))
        {
            Region = Environment.GetEnvironmentVariable(RegionVariable) is { Length: > 0 } region ? region : "us-east-1",
        };
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"{Endpoint}{Bucket}";

    private static bool IsHere(Uri address)
        => address.IsLoopback || (IPAddress.TryParse(address.Host, out var number) && IPAddress.IsLoopback(number));

    private static string Needed(string? given, string option, string variable, string expected)
        => given is { Length: > 0 }
            ? given
            : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set
            ? set
            : throw new ArgumentException($"{option}: expected {expected}, got none. Give {option}, or set {variable}.");
}
