using System.Net;
using System.Text;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>What lies between a device and the backend: it sees every request, refuses some, and loses answers.</summary>
internal sealed class Wire : DelegatingHandler
{
    private readonly Lock _gate = new();
    private readonly List<WireRequest> _requests = [];

    public Wire()
        : base(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
    }

    /// <summary>Gets or sets what happens before a request is sent.</summary>
    public Func<WireRequest, Task>? Before { get; set; }

    /// <summary>Gets or sets what answers in the server's place, which then never sees the request; null lets it pass.</summary>
    public Func<WireRequest, HttpResponseMessage?>? Answer { get; set; }

    /// <summary>Gets or sets what is asked once the server has answered a request: whether the answer gets lost on its way.</summary>
    public Func<WireRequest, Task<bool>>? Loses { get; set; }

    /// <summary>Gets the requests that were sent or refused.</summary>
    public IReadOnlyList<WireRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Gets the requests that may have written rows.</summary>
    public IReadOnlyList<WireRequest> Writes => [.. Requests.Where(static request => request.IsWrite)];

    /// <summary>Makes an answer such as a gateway's or PostgREST's.</summary>
    public static HttpResponseMessage NewAnswer(int status, string body = "<html>Refused</html>", string contentType = "text/html") =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, contentType) };

    public void Forget()
    {
        lock (_gate)
        {
            _requests.Clear();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath.Replace("/rest/v1/", string.Empty, StringComparison.Ordinal);
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var seen = new WireRequest(request.Method, path, request.RequestUri.Query, body);
        lock (_gate)
        {
            _requests.Add(seen);
        }

        if (Before is not null)
        {
            await Before(seen);
        }

        if (Answer?.Invoke(seen) is { } answer)
        {
            answer.RequestMessage = request;
            return answer;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (Loses is not null && await Loses(seen))
        {
            response.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer was lost on its way.");
        }

        return response;
    }
}
