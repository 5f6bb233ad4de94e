using Microsoft.Extensions.Options;

namespace Agent.Sync.Auth;

/// <summary>Checks that the options hold a session, or a secret key that was asked for.</summary>
internal sealed class SessionRules : IValidateOptions<SyncOptions>
{
    public ValidateOptionsResult Validate(string? name, SyncOptions options)
    {
        var path = string.IsNullOrEmpty(name) ? nameof(SyncOptions) : name;
        var isSecret = options.ApiKey is { } key && SecretKey.Is(key);
        if (isSecret && !options.AllowRlsBypass)
        {
            return ValidateOptionsResult.Fail(
                $"{path}.ApiKey is a secret or service_role key, which bypasses row-level security. Use the publishable key and the user's JWT; on a trusted server set AllowRlsBypass.");
        }

        return isSecret || options.AccessTokenProvider is not null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{path} has no session, without which nothing is synced: call UseSession(session), which sets Url, ApiKey and AccessTokenProvider, or set these, the last to a delegate that gives the signed-in user's JWT.");
    }
}
