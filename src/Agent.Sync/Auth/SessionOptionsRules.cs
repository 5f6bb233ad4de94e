using Agent.Sync.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Auth;

/// <summary>Tells everything that is wrong with the options of a container's session at once, when the host starts.</summary>
internal sealed class SessionOptionsRules : IValidateOptions<SupabaseSessionOptions>
{
    public const string StateTwice = "State and StateFile are both set: the file gives the state. Leave State out.";

    public ValidateOptionsResult Validate(string? name, SupabaseSessionOptions options)
    {
        var path = string.IsNullOrEmpty(name) ? nameof(SupabaseSessionOptions) : name;
        string?[] faults =
        [
            ProjectUrl.Check(options.Url, options.AllowInsecureLoopback),
            ApiKeyRule.Check(options.ApiKey) ?? (SecretKey.Is(options.ApiKey!) ? AuthFailure.SecretKeyInSession().Message : null),
            options is { State: not null, StateFile: not null } ? StateTwice : null,
            options.StateFile is { } file && string.IsNullOrWhiteSpace(file) ? "StateFile is blank: name a file, or leave it out to keep the session in memory." : null,
        ];
        var found = faults.OfType<string>().Select(fault => $"{path}.{fault}").ToArray();
        return found.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
