using Agent.Sync.Auth;
using Agent.Sync.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Engine;

/// <summary>Runs every check of the options, so that several faults are told together.</summary>
internal static class SyncOptionsCheck
{
    public static IReadOnlyList<IValidateOptions<SyncOptions>> Validators { get; } =
        [new SyncOptionsValidator(), new SyncOptionsRules(), new SessionRules()];

    /// <exception cref="OptionsValidationException">At least one option is wrong.</exception>
    public static void Require(SyncOptions options)
    {
        var faults = Validators
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(static result => result.Failed)
            .SelectMany(static result => result.Failures ?? [])
            .ToArray();
        if (faults.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(SyncOptions), faults);
        }
    }
}
