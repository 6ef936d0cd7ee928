using System;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace Hybrid.Samples.Serving.Http;

/// <summary>
/// Who may ask. On this machine alone anyone, as long as the address that the browser shows is this machine's, so that no other page can
/// reach the service through a browser here; from elsewhere who has the token.
/// </summary>
/// <param name="token">The token; null where none is asked for.</param>
internal sealed class Access(string? token)
{
    private readonly byte[]? _hash = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>Answers what is not allowed, and hands on what is.</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        // Whether the service lives is not a secret, and the page asks for the token itself.
        var isOpen = HttpMethods.IsGet(context.Request.Method)
            && (path == "/health" || path == "/" || path == "/page.js" || path == "/page.css" || path == "/icon.svg");
        if (_hash is not null)
        {
            if (isOpen || HasToken(context.Request)) return next(context);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Answers.Error(
                context, StatusCodes.Status401Unauthorized, "expected the service's token in the header 'Authorization: Bearer TOKEN'.");
        }
        if (!IsHere(context.Request.Host.Host))
            return Answers.Error(
                context, StatusCodes.Status403Forbidden,
                $"expected a request to this machine's own address, got one to '{context.Request.Host.Host}'. "
                    + "With a token (--token) any address is accepted.");
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
            return Answers.Error(context, StatusCodes.Status403Forbidden, "expected a request of this service's own page, got another's.");
        return next(context);
    }

    /// <summary>Whether a name or number is this machine's own.</summary>
    public static bool IsHere(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private bool HasToken(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[scheme.Length..].Trim())), _hash);
    }
}
