using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Auth;

/// <summary>Binds what a section may say about a session. The rest of it is the engine's.</summary>
internal static class SessionSection
{
    public static void Apply(IConfigurationSection section, SupabaseSessionOptions options)
    {
        if (section[nameof(options.Url)] is { } url)
        {
            options.Url = Uri.TryCreate(url, UriKind.RelativeOrAbsolute, out var parsed) ? parsed : null;
        }

        options.ApiKey = section[nameof(options.ApiKey)] ?? options.ApiKey;
        options.StateFile = section[nameof(options.StateFile)] ?? options.StateFile;
        options.AllowInsecureLoopback = section.GetValue(nameof(options.AllowInsecureLoopback), options.AllowInsecureLoopback);
        section.GetSection(nameof(options.Retry)).Bind(options.Retry);
    }
}
