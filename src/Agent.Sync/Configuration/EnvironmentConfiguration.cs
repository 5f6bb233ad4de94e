using Microsoft.Extensions.Options;

namespace Agent.Sync.Configuration;

/// <summary>Reads the AGENT_SYNC_* variables into options that nobody has touched yet, so that code and configuration win over them.</summary>
internal sealed class EnvironmentConfiguration(Func<string, string?> lookup) : IConfigureNamedOptions<SyncOptions>
{
    private const int MaxShownLength = 32;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets the reader of the process's own environment.</summary>
    public static EnvironmentConfiguration OfProcess { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>Gets every variable there is.</summary>
    public static IReadOnlyList<EnvironmentVariable> Variables { get; } =
    [
        EnvironmentVariable.Whole(
            "AGENT_SYNC_PAGE_SIZE", "PageSize", new(OptionLimits.MinPageSize, OptionLimits.MaxPageSize), static (options, value) => options.PageSize = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_PULL_REQUESTS", "MaxPullRequests", new(OptionLimits.MinPullRequests, OptionLimits.MaxPullRequests), static (options, value) => options.MaxPullRequests = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_COMMIT_ROWS", "Commit.Rows", new(OptionLimits.MinCommitRows, OptionLimits.MaxCommitRows), static (options, value) => options.Commit.Rows = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_COMMIT_BYTES", "Commit.Bytes", new(OptionLimits.MinCommitBytes, OptionLimits.MaxCommitBytes), static (options, value) => options.Commit.Bytes = (int)value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_COMMIT_MILLISECONDS", "Commit.Interval", Millisecond, OptionLimits.CommitInterval, static (options, value) => options.Commit.Interval = value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_OVERLAP_SECONDS", "OverlapLag", Second, OptionLimits.OverlapLag, static (options, value) => options.OverlapLag = value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_STALL_SECONDS", "StallTimeout", Second, OptionLimits.StallTimeout, static (options, value) => options.StallTimeout = value),
        EnvironmentVariable.Choice<TotalCount>(
            "AGENT_SYNC_TOTAL_COUNT", "TotalCount", static (options, value) => options.TotalCount = value),
        EnvironmentVariable.Choice<SqlKitMode>(
            "AGENT_SYNC_SQL_KIT", "SqlKit", static (options, value) => options.SqlKit = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_PUSH_ROWS", "Push.BatchRows", new(OptionLimits.MinPushRows, OptionLimits.MaxPushRows), static (options, value) => options.Push.BatchRows = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_PUSH_BYTES", "Push.BatchBytes", new(OptionLimits.MinPushBytes, OptionLimits.MaxPushBytes), static (options, value) => options.Push.BatchBytes = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_PUSH_REQUESTS", "Push.MaxRequests", new(OptionLimits.MinPushRequests, OptionLimits.MaxPushRequests), static (options, value) => options.Push.MaxRequests = (int)value),
        EnvironmentVariable.Choice<ConflictPolicy>(
            "AGENT_SYNC_CONFLICTS", "Push.ConflictPolicy", static (options, value) => options.Push.ConflictPolicy = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_MAX_QUARANTINED", "Push.MaxQuarantined", new(1, int.MaxValue), static (options, value) => options.Push.MaxQuarantined = (int)value),
        EnvironmentVariable.Number(
            "AGENT_SYNC_MAX_QUARANTINED_SHARE", "Push.MaxQuarantinedShare", new(0, 1), static (options, value) => options.Push.MaxQuarantinedShare = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_MAX_UNRECORDED", "Push.MaxUnrecorded", new(0, int.MaxValue), static (options, value) => options.Push.MaxUnrecorded = (int)value),
        EnvironmentVariable.Number(
            "AGENT_SYNC_MAX_UNRECORDED_SHARE", "Push.MaxUnrecordedShare", new(0, 1), static (options, value) => options.Push.MaxUnrecordedShare = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_RETRIES", "Retry.MaxRetries", new(0, OptionLimits.MaxRetries), static (options, value) => options.Retry.MaxRetries = (int)value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_RETRY_DELAY_MILLISECONDS", "Retry.Delay", Millisecond, OptionLimits.RetryDelay, static (options, value) => options.Retry.Delay = value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_ATTEMPT_TIMEOUT_SECONDS", "Retry.AttemptTimeout", Second, OptionLimits.AttemptTimeout, static (options, value) => options.Retry.AttemptTimeout = value),
        EnvironmentVariable.Time(
            "AGENT_SYNC_REQUEST_TIMEOUT_SECONDS", "Retry.RequestTimeout", Second, OptionLimits.RequestTimeout, static (options, value) => options.Retry.RequestTimeout = value),
        EnvironmentVariable.Number(
            "AGENT_SYNC_REQUESTS_PER_SECOND", "RateLimit.RequestsPerSecond", new(0, OptionLimits.MaxRequestsPerSecond, IsAboveMinimum: true), static (options, value) => options.RateLimit.RequestsPerSecond = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_REQUEST_BURST", "RateLimit.Burst", new(OptionLimits.MinBurst, OptionLimits.MaxBurst), static (options, value) => options.RateLimit.Burst = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_MEMORY_LIMIT_BYTES", "MemoryLimit", new(OptionLimits.MinMemory, double.PositiveInfinity), static (options, value) => options.MemoryLimit = value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_MAX_PAGE_BYTES", "MaxPageBytes", new(OptionLimits.MinPageBytes, OptionLimits.MaxPageBytes), static (options, value) => options.MaxPageBytes = (int)value),
        EnvironmentVariable.Whole(
            "AGENT_SYNC_MAX_JSON_DEPTH", "MaxJsonDepth", new(OptionLimits.MinJsonDepth, OptionLimits.MaxJsonDepth), static (options, value) => options.MaxJsonDepth = (int)value),
        EnvironmentVariable.Number(
            "AGENT_SYNC_MAX_DELETE_SHARE", "MaxDeleteShare", new(0, 1), static (options, value) => options.MaxDeleteShare = value),
    ];

    /// <summary>Applies every variable that is set; a blank one counts as unset.</summary>
    /// <exception cref="OptionsValidationException">Variables hold values that are refused; all of them are named.</exception>
    public void Apply(string name, SyncOptions options)
    {
        List<string> faults = [];
        foreach (var variable in Variables)
        {
            var text = lookup(variable.Name)?.Trim();
            if (!string.IsNullOrEmpty(text) && !variable.TryApply(options, text))
            {
                faults.Add($"The environment variable {variable.Name} is '{Shown(text)}', but must be {variable.Accepts}. Correct it, or unset it for the default.");
            }
        }

        if (faults.Count > 0)
        {
            throw new OptionsValidationException(name, typeof(SyncOptions), faults);
        }
    }

    void IConfigureOptions<SyncOptions>.Configure(SyncOptions options) => Apply(Options.DefaultName, options);

    void IConfigureNamedOptions<SyncOptions>.Configure(string? name, SyncOptions options) => Apply(name ?? Options.DefaultName, options);

    // A whole file pasted by mistake is not repeated.
    private static string Shown(string text) => text.Length <= MaxShownLength ? text : string.Concat(text.AsSpan(0, MaxShownLength), "...");
}
