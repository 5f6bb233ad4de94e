using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Peers;

namespace DotnetLoop;

/// <summary>The server's table, by HttpClient and System.Text.Json.</summary>
internal sealed class Table : IDisposable
{
    public const string Columns = "id,type,name,content,metadata,version,owner_id,updated_at,deleted_at";

    private const string Answered = "id,version,updated_at,owner_id";

    private readonly HttpClient _client;

    public Table(PeerJob job)
    {
        _client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = new Uri(job.Url, "/rest/v1/artifacts") };
        _client.DefaultRequestHeaders.Add("apikey", job.ApiKey);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", job.Token);
        _client.DefaultRequestHeaders.Add("Prefer", "return=representation");
    }

    public async Task<List<Artifact>> SelectAsync(string query) =>
        await _client.GetFromJsonAsync(Relative(query), ArtifactJson.Default.ListArtifact) ?? [];

    public async Task<Stream> OpenAsync(string query) => await _client.GetStreamAsync(Relative(query));

    public async Task<List<Artifact>> InsertAsync(List<Artifact> rows) =>
        await ReadAsync(await _client.PostAsJsonAsync(Relative($"select={Answered}"), rows, ArtifactJson.Default.ListArtifact));

    /// <summary>Updates one row if it still has the version that the edit started from.</summary>
    public async Task<List<Artifact>> UpdateAsync(Artifact row) => await ReadAsync(await _client.PatchAsJsonAsync(
        Relative($"id=eq.{row.Id}&version=eq.{row.Version}&select={Answered}"), row with { Version = null }, ArtifactJson.Default.Artifact));

    /// <summary>Deletes one row if it still has the version that the edit started from.</summary>
    public async Task<List<Artifact>> DeleteAsync(Artifact row) =>
        await ReadAsync(await _client.DeleteAsync(Relative($"id=eq.{row.Id}&version=eq.{row.Version}&select={Answered}")));

    public void Dispose() => _client.Dispose();

    private static Uri Relative(string query) => new($"?{query}", UriKind.Relative);

    private static async Task<List<Artifact>> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync(ArtifactJson.Default.ListArtifact) ?? [];
        }
    }
}
