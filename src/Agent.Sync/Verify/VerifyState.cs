namespace Agent.Sync.Verify;

/// <summary>How far a verify has come. It is kept, so that the next call goes on.</summary>
internal sealed class VerifyState
{
    /// <summary>Gets what it belongs to: scope, columns, store, history and options, hashed.</summary>
    public required string Belongs { get; init; }

    /// <summary>Gets the safe position of the dataset when it began: what the server changed from here on is no fault.</summary>
    public required string Below { get; init; }

    public required VerifyPhase Phase { get; set; }

    /// <summary>Gets or sets the server's key up to which the phase has come; null at its beginning.</summary>
    public IReadOnlyList<string>? Position { get; set; }

    /// <summary>Gets or sets, while digests are compared, the server's rows by their hashes; later the keys of local rows that the server has.</summary>
    public BucketTable Table { get; set; } = new();

    /// <summary>Gets or sets the buckets whose rows are compared one by one; null for all.</summary>
    public bool[]? Chosen { get; set; }

    public IReadOnlyList<string> ColumnsLeftOut { get; set; } = [];

    public VerifyCounts Counts { get; } = new();

    public bool IsChosen(int bucket) => Chosen is null || Chosen[bucket];
}
