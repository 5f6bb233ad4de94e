using System.Net;

namespace Agent.Sync.Testing;

/// <summary>Answers every request with the next of a fixed list of bodies, as fast as a handler can: for benchmarks.</summary>
/// <remarks>Looks at nothing in the request. After the last body it answers an empty page. Safe for concurrent use.</remarks>
public sealed class CannedPages : HttpMessageHandler
{
    private static readonly byte[] EmptyPage = "[]"u8.ToArray();

    private readonly IReadOnlyList<byte[]> _pages;
    private readonly string _date;
    private int _next;

    /// <summary>Initializes a new instance.</summary>
    /// <param name="pages">The bodies, UTF-8 JSON, in order; not copied.</param>
    /// <param name="date">What the <c>Date</c> header says.</param>
    public CannedPages(IReadOnlyList<byte[]> pages, DateTimeOffset date)
    {
        ArgumentNullException.ThrowIfNull(pages);
        _pages = pages;
        _date = date.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Gets the number of requests since the start or the last <see cref="Rewind"/>.</summary>
    public int RequestCount => Volatile.Read(ref _next);

    /// <summary>Starts over with the first body.</summary>
    public void Rewind() => Volatile.Write(ref _next, 0);

    /// <summary>Makes a client on this handler, without a timeout of its own.</summary>
    /// <returns>The client; disposing it leaves the handler usable.</returns>
    public HttpClient CreateClient() => new(this, disposeHandler: false) { BaseAddress = PostgrestDouble.Url, Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<HttpResponseMessage>(cancellationToken);
        }

        var index = Interlocked.Increment(ref _next) - 1;
        var content = new ReadOnlyMemoryContent(index < _pages.Count ? _pages[index] : EmptyPage);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        var message = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content };
        message.Headers.TryAddWithoutValidation("Date", _date);
        return Task.FromResult(message);
    }
}
