using System.Globalization;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Hosting;

/// <summary>Refuses what is out of range, and names all of it at once.</summary>
internal sealed class HostedSyncOptionsValidator : IValidateOptions<HostedSyncOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public ValidateOptionsResult Validate(string? name, HostedSyncOptions options)
    {
        var path = string.IsNullOrEmpty(name) ? nameof(HostedSyncOptions) : name;
        string?[] faults =
        [
            Time(nameof(options.Interval), options.Interval, TimeSpan.FromSeconds(1), Day, "1 s to 24 hours"),
            options.Jitter is >= 0 and <= 0.5 ? null : OutOfRange(nameof(options.Jitter), options.Jitter.ToString(CultureInfo.InvariantCulture), "0 to 0.5"),
            Time(nameof(options.Backoff), options.Backoff, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), "100 ms to 1 hour"),
            Time(nameof(options.MaxBackoff), options.MaxBackoff, TimeSpan.Zero, Day, "at most 24 hours"),
            options.MaxBackoff < options.Backoff
                ? $"MaxBackoff is {Text(options.MaxBackoff)}, shorter than Backoff, {Text(options.Backoff)}. Raise the first or lower the second."
                : null,
            Time(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), "100 ms to 1 hour"),
            Time(nameof(options.WakeDelay), options.WakeDelay, TimeSpan.Zero, TimeSpan.FromMinutes(1), "0 to 1 minute"),
            options.Request is null ? "Request is null. Correct it, or leave it out to sync every dataset in both directions." : null,
            options.Request is { FullResync: true } ? "Request.FullResync would read everything again in every run. Call ISyncEngine.SyncAsync with it once instead." : null,
            options.Request is { AllowMassDelete: true } ? "Request.AllowMassDelete would switch the guard off in every run. Call ISyncEngine.SyncAsync with it once instead." : null,
        ];
        var found = faults.OfType<string>().Select(fault => $"{path}.{fault}").ToArray();
        return found.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
    }

    private static string? Time(string option, TimeSpan value, TimeSpan least, TimeSpan most, string range) =>
        value >= least && value <= most ? null : OutOfRange(option, Text(value), range);

    private static string OutOfRange(string option, string value, string range) =>
        $"{option} is {value}, but must be {range}. Correct it, or leave it out for the default.";

    private static string Text(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);
}
