using Agent.Sync.Auth;
using Agent.Sync.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Engine;

/// <summary>Runs the checks of the options, so that several faults are told together.</summary>
internal static class SyncOptionsCheck
{
    public static IReadOnlyList<IValidateOptions<SyncOptions>> Validators { get; } =
        [new SyncOptionsValidator(), new ProjectRules(), new SyncOptionsRules(), new SessionRules()];

    /// <exception cref="OptionsValidationException">At least one option is wrong.</exception>
    public static void Require(SyncOptions options) => Require(options, Validators);

    /// <summary>Checks everything but what leads to the project.</summary>
    /// <returns>What an engine that is to sync would lack; empty for nothing.</returns>
    /// <exception cref="OptionsValidationException">At least one other option is wrong.</exception>
    public static IReadOnlyList<string> RequireOffline(SyncOptions options)
    {
        Require(options, Validators.Where(static validator => !IsOfTheProject(validator)));
        return FaultsOf(options, Validators.Where(IsOfTheProject));
    }

    private static bool IsOfTheProject(IValidateOptions<SyncOptions> validator) => validator is ProjectRules or SessionRules;

    private static void Require(SyncOptions options, IEnumerable<IValidateOptions<SyncOptions>> validators)
    {
        var faults = FaultsOf(options, validators);
        if (faults.Length > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(SyncOptions), faults);
        }
    }

    private static string[] FaultsOf(SyncOptions options, IEnumerable<IValidateOptions<SyncOptions>> validators) =>
    [
        .. validators
            .Select(validator => validator.Validate(Options.DefaultName, options))
            .Where(static result => result.Failed)
            .SelectMany(static result => result.Failures ?? []),
    ];
}
