using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>Calls the kit as a client does.</summary>
internal sealed class KitHttpClient(Backend backend, TestUser user)
{
    private static readonly HttpClient Http = new();

    public async Task<KitAnswer> PushAsync(KitBatch batch, string table = "public.artifacts") =>
        new(await CallAsync("push", new JsonObject { ["batch"] = batch.Body(table) }));

    public Task<JsonElement> HorizonAsync(params string[] tables) => CallAsync(
        "horizon", new JsonObject { ["request"] = new JsonObject { ["tables"] = new JsonArray([.. tables.Select(static table => (JsonNode)table)]) } });

    private async Task<JsonElement> CallAsync(string function, JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(backend.Host.Url, $"rest/v1/rpc/{function}")) { Content = JsonContent.Create(body) };
        request.Headers.Add("apikey", backend.Host.PublishableKey);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user.Token.Value);
        request.Content.Headers.Add("Content-Profile", "agent_sync");
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
