namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>One committed row: each value as its JSON text, and as what it compares as.</summary>
/// <param name="Json">The values as JSON texts.</param>
/// <param name="Values">The values as what they compare as.</param>
/// <param name="Writer">The id of the transaction that wrote it, PostgreSQL's <c>xmin</c>.</param>
internal sealed record TableRow(byte[][] Json, object?[] Values, long Writer = 0);
