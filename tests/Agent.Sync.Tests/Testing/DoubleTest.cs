using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>Talks to a double as a client does, and says what came back.</summary>
public abstract class DoubleTest
{
    private readonly HttpClient _client;

    protected DoubleTest()
    {
        Server = new PostgrestDouble(Time);
        _client = Server.CreateClient();
        _client.DefaultRequestHeaders.Add("apikey", PostgrestDouble.ApiKey);
        SignIn("alice");
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected VirtualTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    protected PostgrestDouble Server { get; }

    protected void SignIn(string? sub, string role = "authenticated") =>
        _client.DefaultRequestHeaders.Authorization = sub is null ? null : new AuthenticationHeaderValue("Bearer", Server.CreateToken(sub, role));

    protected Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _client.SendAsync(request, cancellationToken);

    /// <summary>Sends a request and returns the status and the body in one line.</summary>
    protected async Task<(int Status, string Body)> SendAsync(
        string method, string path, string? body = null, string prefer = "return=representation", string? profile = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/rest/v1/{path}");
        request.Headers.Add("Prefer", prefer);
        if (profile is not null)
        {
            request.Headers.Add(method == "GET" ? "Accept-Profile" : "Content-Profile", profile);
        }

        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request, Token);
        return ((int)response.StatusCode, (await response.Content.ReadAsStringAsync(Token)).Replace("\n ", string.Empty, StringComparison.Ordinal));
    }

    /// <summary>Sends a request that is refused and returns the status and the error's code.</summary>
    protected async Task<(int Status, string? Code)> RefuseAsync(string method, string path, string? body = null, string prefer = "return=representation", string? profile = null)
    {
        var (status, text) = await SendAsync(method, path, body, prefer, profile);
        using var error = JsonDocument.Parse(text);
        Assert.Equal(["code", "details", "hint", "message"], error.RootElement.EnumerateObject().Select(static member => member.Name));
        return (status, error.RootElement.GetProperty("code").GetString());
    }
}
