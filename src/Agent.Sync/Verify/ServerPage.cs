namespace Agent.Sync.Verify;

/// <summary>Rows of the server to compare one by one.</summary>
/// <param name="Keys">A page with the columns of their keys; the reader disposes it.</param>
/// <param name="Rows">Their hashes, in the order of the page.</param>
/// <param name="After">The key after which they come; null from the start.</param>
/// <param name="Last">The last key that was walked over; null when the end of the table was reached.</param>
/// <param name="Walked">How many rows were walked over, with those that were not asked for.</param>
internal sealed record ServerPage(Page Keys, IReadOnlyList<RowHash> Rows, IReadOnlyList<string>? After, IReadOnlyList<string>? Last, long Walked) : IDisposable
{
    public void Dispose() => Keys.Dispose();

    // A record would print its values.
    public override string ToString() => nameof(ServerPage);
}

/// <summary>Where the rows of the server come from.</summary>
internal interface IServerRows
{
    /// <summary>Reads rows in the order of their key.</summary>
    /// <param name="after">The key to go on after; null from the start.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Pages; the last one's <see cref="ServerPage.Last"/> is null.</returns>
    IAsyncEnumerable<ServerPage> ReadAsync(IReadOnlyList<string>? after, CancellationToken cancellationToken);
}
