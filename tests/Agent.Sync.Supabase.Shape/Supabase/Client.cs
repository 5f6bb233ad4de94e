using Supabase.Gotrue;
using Supabase.Gotrue.Interfaces;
using Supabase.Postgrest.Interfaces;

namespace Supabase;

public class Client
{
    private readonly string? _key;

    public Client(string supabaseUrl, string? supabaseKey)
    {
        _key = supabaseKey;
        Auth = new Gotrue.Client(supabaseUrl + "/auth/v1") { GetHeaders = GetAuthHeaders };
        Postgrest = new Postgrest.Client(supabaseUrl + "/rest/v1") { GetHeaders = GetAuthHeaders };
    }

    public IGotrueClient<User, Session> Auth { get; set; }

    public IPostgrestClient Postgrest { get; set; }

    private Dictionary<string, string> GetAuthHeaders()
    {
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase) { ["Authorization"] = $"Bearer {Auth.CurrentSession?.AccessToken ?? _key}" };
        if (_key is not null)
        {
            headers["apiKey"] = _key;
        }

        return headers;
    }
}
