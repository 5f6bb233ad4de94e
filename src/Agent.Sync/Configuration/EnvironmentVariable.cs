using System.Globalization;

namespace Agent.Sync.Configuration;

/// <summary>One AGENT_SYNC_* variable: its name, the option it sets, and what it accepts.</summary>
internal sealed class EnvironmentVariable
{
    private readonly Func<SyncOptions, string, bool> _tryApply;

    private EnvironmentVariable(string name, string option, string accepts, Func<SyncOptions, string, bool> tryApply)
    {
        Name = name;
        Option = option;
        Accepts = accepts;
        _tryApply = tryApply;
    }

    public string Name { get; }

    /// <summary>Gets the path of the option, such as <c>Commit.Rows</c>.</summary>
    public string Option { get; }

    /// <summary>Gets what a value must be, as part of a sentence.</summary>
    public string Accepts { get; }

    /// <summary>Sets the option; false, and nothing set, when the text is not acceptable.</summary>
    public bool TryApply(SyncOptions options, string text) => _tryApply(options, text);

    public static EnvironmentVariable Whole(string name, string option, NumberRange range, Action<SyncOptions, long> set) =>
        new(name, option, $"a whole number, {range}", (options, text) =>
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || !range.Contains(value))
            {
                return false;
            }

            set(options, value);
            return true;
        });

    public static EnvironmentVariable Number(string name, string option, NumberRange range, Action<SyncOptions, double> set) =>
        new(name, option, $"a number such as 0.5, {range}", (options, text) =>
        {
            if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || !range.Contains(value))
            {
                return false;
            }

            set(options, value);
            return true;
        });

    public static EnvironmentVariable Time(string name, string option, TimeSpan unit, TimeRange range, Action<SyncOptions, TimeSpan> set) =>
        Number(name, option, range.In(unit), (options, value) => set(options, value * unit));

    public static EnvironmentVariable Choice<T>(string name, string option, Action<SyncOptions, T> set)
        where T : struct, Enum =>
        new(name, option, "one of " + string.Join(", ", Enum.GetNames<T>()), (options, text) =>
        {
            // Enum.TryParse would also take numbers, and several names at once.
            foreach (var value in Enum.GetValues<T>())
            {
                if (string.Equals(value.ToString(), text, StringComparison.OrdinalIgnoreCase))
                {
                    set(options, value);
                    return true;
                }
            }

            return false;
        });
}
