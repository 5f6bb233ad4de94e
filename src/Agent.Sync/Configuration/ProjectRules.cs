using Microsoft.Extensions.Options;

namespace Agent.Sync.Configuration;

/// <summary>Checks what leads to the project: its URL and its key. An engine that only works on its stores needs neither.</summary>
internal sealed class ProjectRules : IValidateOptions<SyncOptions>
{
    public ValidateOptionsResult Validate(string? name, SyncOptions options)
    {
        var path = string.IsNullOrEmpty(name) ? nameof(SyncOptions) : name;
        if (options is { Url: null, ApiKey: null, AccessTokenProvider: null })
        {
            // The session sets all three, and its absence is told by its own rule.
            return ValidateOptionsResult.Success;
        }

        string?[] faults = [ProjectUrl.Check(options.Url, options.AllowInsecureLoopback), ApiKeyRule.Check(options.ApiKey)];
        var found = faults.OfType<string>().Select(fault => $"{path}.{fault}").ToArray();
        return found.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }
}
