using Supabase.Core.Interfaces;

namespace Supabase.Postgrest.Interfaces;

public interface IPostgrestClient : IGettableHeaders
{
    string BaseUrl { get; }
}
