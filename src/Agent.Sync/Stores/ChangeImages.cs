namespace Agent.Sync.Stores;

/// <summary>A row before and after a local edit, as UTF-8 JSON objects with every column of the dataset.</summary>
/// <param name="Base">The server's row that the edit started from, or what a pull has brought of it since while the change is in quarantine; empty for an insert.</param>
/// <param name="Local">The local row, or of a change in flight the row as it was handed out to be sent; empty for a delete.</param>
public readonly record struct ChangeImages(ReadOnlyMemory<byte> Base, ReadOnlyMemory<byte> Local);
