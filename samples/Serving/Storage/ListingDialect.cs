using System;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Hybrid.Samples.Serving.Storage;

/// <summary>
/// Some servers (s3rver) write S3's XML namespace in another form in listings, in which Minio's SDK then finds nothing and reports an empty
/// bucket. This gives it the namespace of S3's documentation.
/// </summary>
internal sealed class ListingDialect() : DelegatingHandler(new SocketsHttpHandler())
{
    private const string Documented = "http://s3.amazonaws.com/doc/2006-03-01/", Other = "http://doc.s3.amazonaws.com/2006-03-01/";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var isListing = request.Method == HttpMethod.Get
            && request.RequestUri?.Query.Contains("list-type=", StringComparison.Ordinal) is true;
        if (!isListing || !answer.IsSuccessStatusCode) return answer;
        var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        answer.Content = new StringContent(text.Replace(Other, Documented, StringComparison.Ordinal), Encoding.UTF8, "application/xml");
        return answer;
    }
}
