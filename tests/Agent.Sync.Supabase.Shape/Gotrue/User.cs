using System.Text.Json.Serialization;

namespace Supabase.Gotrue;

public class User
{
    [JsonPropertyName("id")]
    public string? Id { get; set; }
}
