using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Supabase.Gotrue.Exceptions;
using Supabase.Gotrue.Interfaces;

namespace Supabase.Gotrue;

public class Client(string url) : IGotrueClient<User, Session>
{
    private static readonly HttpClient Http = new();

    public bool Online { get; set; } = true;

    public Session? CurrentSession { get; private set; }

    public User? CurrentUser => CurrentSession?.User;

    public Func<Dictionary<string, string>>? GetHeaders { get; set; }

    public async Task<Session?> SignInWithPassword(string email, string password)
    {
        CurrentSession = null;
        CurrentSession = await GrantAsync("password", new() { ["email"] = email, ["password"] = password });
        return CurrentSession;
    }

    public async Task RefreshToken()
    {
        if (!Online)
        {
            throw new GotrueException("Only supported when online");
        }

        if (CurrentSession?.RefreshToken is not { } token)
        {
            throw new GotrueException("No current session.");
        }

        try
        {
            CurrentSession = await GrantAsync("refresh_token", new() { ["refresh_token"] = token });
        }
        catch (GotrueException exception) when (exception.StatusCode == (int)HttpStatusCode.BadRequest)
        {
            CurrentSession = null;
            throw;
        }
    }

    public async Task SignOut(Constants.SignOutScope scope = Constants.SignOutScope.Global)
    {
        if (CurrentSession is not null)
        {
            using var response = await SendAsync($"{url}/logout?scope={scope.ToString().ToLowerInvariant()}", body: null);
        }

        CurrentSession = null;
    }

    private async Task<Session> GrantAsync(string type, Dictionary<string, string> body)
    {
        using var response = await SendAsync($"{url}/token?grant_type={type}", JsonContent.Create(body));
        var content = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<Session>(content)!
            : throw new GotrueException(content) { Content = content, StatusCode = (int)response.StatusCode };
    }

    private async Task<HttpResponseMessage> SendAsync(string address, HttpContent? body)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = body };
        foreach (var (name, value) in GetHeaders?.Invoke() ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request);
    }
}
