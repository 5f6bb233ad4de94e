namespace Agent.Sync.Sqlite.Outbox;

/// <summary>A column that may be sent, and where a statement has it.</summary>
/// <param name="Ordinal">Its position in the dataset.</param>
/// <param name="Value">The position of its value.</param>
/// <param name="Differs">The position of whether it differs from the base; null for a column of the key.</param>
internal readonly record struct PushedColumn(int Ordinal, int Value, int? Differs);
