namespace Agent.Sync.Configuration;

/// <summary>The one sentence for a value out of its range.</summary>
internal static class OptionFault
{
    public static string OutOfRange(string option, string? value, string range) =>
        $"{option} is {value}, but must be {range}. Correct it, or leave it out for the default.";
}
