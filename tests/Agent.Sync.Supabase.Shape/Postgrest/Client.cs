using Supabase.Postgrest.Interfaces;

namespace Supabase.Postgrest;

public class Client(string baseUrl) : IPostgrestClient
{
    public string BaseUrl { get; } = baseUrl;

    public Func<Dictionary<string, string>>? GetHeaders { get; set; }
}
