namespace Agent.Sync;

/// <summary>One finding of a <see cref="Diagnosis"/>. Its texts name tables, columns and settings, and never have values of rows, keys or tokens. Immutable data.</summary>
public sealed record Finding
{
    /// <summary>Gets which check it is from: one of <see cref="FindingCodes"/>, or a code of the store's own.</summary>
    public required string Code { get; init; }

    /// <summary>Gets how the check ended.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Gets the dataset's name; null when the finding is about the project or the store as a whole.</summary>
    public string? Dataset { get; init; }

    /// <summary>Gets what was found, as a sentence.</summary>
    public required string What { get; init; }

    /// <summary>Gets why it matters, as a sentence; null where nothing is wrong.</summary>
    public string? Why { get; init; }

    /// <summary>Gets what mends it: SQL for the owner of the tables, code, or a command. Null where nothing is wrong, or nothing is to be done.</summary>
    public string? Mend { get; init; }

    /// <summary>Returns one line for people, such as <c>Error notes columns: ...</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() => $"{Severity} {(Dataset is null ? Code : $"{Dataset} {Code}")}: {What}";
}

/// <summary>How a check ended, from good to bad.</summary>
public enum FindingSeverity
{
    /// <summary>It is in order.</summary>
    Ok,

    /// <summary>It cannot be told from where the check was made. The text says what would tell.</summary>
    Unknown,

    /// <summary>A sync works, but loses something, is slow, or waits for somebody.</summary>
    Warning,

    /// <summary>A sync fails, or misses rows or edits.</summary>
    Error,
}
