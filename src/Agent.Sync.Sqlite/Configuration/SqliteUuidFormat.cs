namespace Agent.Sync.Sqlite;

/// <summary>How a uuid is kept in a local table.</summary>
public enum SqliteUuidFormat
{
    /// <summary>TEXT, 36 upper-case characters: what a <see cref="Guid"/> parameter of Microsoft.Data.Sqlite and a key of EF Core match.</summary>
    Text,

    /// <summary>
    /// BLOB, the 16 bytes of <see cref="Guid.ToByteArray()"/>: what <c>SqliteDataReader.GetGuid</c> reads, and what a
    /// <see cref="Guid"/> parameter of type <c>SqliteType.Blob</c> and an EF Core property converted to <c>byte[]</c>
    /// match. Less than half the size of <see cref="Text"/>, but not in the order of the uuid's text.
    /// </summary>
    Blob,
}
