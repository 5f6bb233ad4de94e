namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>One change of a server's row, as the server's own trigger recorded it.</summary>
/// <param name="Sequence">Rises with each change of any table.</param>
/// <param name="Device">Whose token wrote it, from 1; 0 for the server's own SQL.</param>
/// <param name="Table">The table's name.</param>
/// <param name="Key">The row's key: the new one, or the old one of a delete.</param>
/// <param name="Old">The row before; null for an insert.</param>
/// <param name="New">The row after; null for a delete.</param>
internal sealed record AuditEntry(long Sequence, int Device, string Table, string Key, Row? Old, Row? New);
