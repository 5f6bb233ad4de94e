using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Configuration;

/// <summary>Checks what attributes cannot say: times, the lists, and values that depend on each other.</summary>
internal sealed class SyncOptionsRules : IValidateOptions<SyncOptions>
{
    public ValidateOptionsResult Validate(string? name, SyncOptions options)
    {
        var path = string.IsNullOrEmpty(name) ? nameof(SyncOptions) : name;
        List<string> faults =
        [
            .. Times(path, options),
            .. SectionFaults(options.DatasetsSection).Select(fault => $"{path}.{fault}"),
            .. DatasetFaults(options.Datasets).Concat(KeyFaults(options.SealingKeys)).Select(fault => $"{path}.{fault}"),
        ];
        faults.AddRange(Choices(path, options));

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Choices(string path, SyncOptions options)
    {
        string?[] faults =
        [
            Undefined($"{path}.TotalCount", options.TotalCount),
            Undefined($"{path}.SqlKit", options.SqlKit),
            Undefined($"{path}.Push.ConflictPolicy", options.Push.ConflictPolicy),
            options.Push is { ConflictPolicy: ConflictPolicy.Resolver, ConflictResolver: null }
                ? $"{path}.Push.ConflictPolicy is Resolver, but {path}.Push.ConflictResolver is null: set it, or choose ServerWins or LocalWins."
                : null,
        ];
        return faults.OfType<string>();
    }

    private static string? Undefined<T>(string option, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? null : OptionFault.OutOfRange(option, value.ToString(), string.Join(", ", Enum.GetNames<T>()));

    private static IEnumerable<string> Times(string path, SyncOptions options)
    {
        var retry = options.Retry;
        (string Option, TimeSpan Value, TimeRange Range)[] times =
        [
            ("Commit.Interval", options.Commit.Interval, OptionLimits.CommitInterval),
            ("OverlapLag", options.OverlapLag, OptionLimits.OverlapLag),
            ("StallTimeout", options.StallTimeout, OptionLimits.StallTimeout),
            ("Retry.Delay", retry.Delay, OptionLimits.RetryDelay),
            ("Retry.MaxRetryAfter", retry.MaxRetryAfter, OptionLimits.RetryAfter),
            ("Retry.AttemptTimeout", retry.AttemptTimeout, OptionLimits.AttemptTimeout),
            ("Retry.RequestTimeout", retry.RequestTimeout, OptionLimits.RequestTimeout),
            ("Breaker.Window", options.Breaker.Window, OptionLimits.BreakerWindow),
            ("Breaker.BreakDuration", options.Breaker.BreakDuration, OptionLimits.BreakDuration),
        ];
        foreach (var (option, value, range) in times)
        {
            if (!range.Contains(value))
            {
                yield return OptionFault.OutOfRange($"{path}.{option}", TimeRange.Text(value), range.ToString());
            }
        }

        if (retry.RequestTimeout < retry.AttemptTimeout)
        {
            yield return $"{path}.Retry.RequestTimeout is {TimeRange.Text(retry.RequestTimeout)}, shorter than {path}.Retry.AttemptTimeout, "
                + $"{TimeRange.Text(retry.AttemptTimeout)}: no attempt could use its time. Raise the first or lower the second.";
        }
    }

    private static IEnumerable<string> SectionFaults(IConfigurationSection? section)
    {
        if (section is not null && (section.Value is not null || section.GetChildren().Any()))
        {
            yield return $"Datasets were not read from configuration (section '{section.Path}'), because the options were bound by hand: give the section to AddAgentSync(section: ...) or UseConfiguration(section) instead.";
        }
    }

    private static IEnumerable<string> DatasetFaults(IList<Dataset> datasets)
    {
        if (datasets.Count == 0)
        {
            yield return "Datasets is empty: call AddDataset(...) with an entity or with Dataset.Define(\"table\"), or list datasets in the bound section.";
        }

        if (datasets.Any(static dataset => dataset is null))
        {
            yield return "Datasets holds null: remove it.";
        }

        var present = datasets.Where(static dataset => dataset is not null).ToArray();
        foreach (var name in Repeated(present.Select(static dataset => dataset.Name)))
        {
            yield return $"Datasets holds '{name}' twice, letter case aside: give one of them another name with Named(...).";
        }

        // SQLite tells tables apart without their letter case.
        foreach (var table in Repeated(present.Select(static dataset => dataset.LocalTable)))
        {
            yield return $"Datasets maps two datasets to the local table '{table}': give one of them another with ToTable(...).";
        }
    }

    private static IEnumerable<string> KeyFaults(IList<SealingKey> keys)
    {
        if (keys.Any(static key => key is null))
        {
            yield return "SealingKeys holds null: remove it.";
        }

        for (var place = 1; place < keys.Count; place++)
        {
            if (keys[place] is { Id: var id } && keys.Take(place).Any(key => key?.Id == id))
            {
                yield return $"SealingKeys holds the id {id} twice: every key needs an id of its own, and keeps it.";
            }
        }
    }

    private static IEnumerable<string> Repeated(IEnumerable<string> names) => names
        .GroupBy(static name => name, StringComparer.OrdinalIgnoreCase)
        .Where(static group => group.Count() > 1)
        .Select(static group => group.Key);
}
