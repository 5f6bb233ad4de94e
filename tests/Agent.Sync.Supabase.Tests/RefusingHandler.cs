using System.Net;
using System.Text;

namespace Agent.Sync.Supabase.Tests;

/// <summary>Refuses the token of the first request, as PostgREST does when it has expired, and passes on everything else.</summary>
internal sealed class RefusingHandler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private bool _hasRefused;

    public bool Refuses { get; set; } = true;

    public List<string?> Tokens { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Tokens.Add(request.Headers.Authorization?.Parameter);
        if (_hasRefused || !Refuses)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        _hasRefused = true;
        return new HttpResponseMessage(HttpStatusCode.Unauthorized)
        {
            Content = new StringContent("""{"code":"PGRST301","message":"JWT expired","details":null,"hint":null}""", Encoding.UTF8, "application/json"),
        };
    }
}
