using System.Globalization;
using Agent.Sync;

namespace CustomStore;

/// <summary>What a dataset says about two rows of one key. docs/writing-a-store.md has the reasons.</summary>
internal readonly struct RowRules(Dataset dataset)
{
    private readonly DatasetColumn _cursor = dataset.Columns[dataset.CursorOrdinal];

    private readonly DatasetColumn? _version = dataset.VersionOrdinal is { } ordinal ? dataset.Columns[ordinal] : null;

    /// <summary>Joins the key's texts; their lengths tell them apart.</summary>
    public string KeyOf(Row row)
    {
        var columns = dataset.Columns;
        return string.Concat(dataset.KeyOrdinals.Select(ordinal => row.TextOf(columns[ordinal])!).Select(static text => $"{text.Length}:{text}"));
    }

    /// <summary>Whether the row is one that the server marks as deleted, and that goes here.</summary>
    public bool IsRemoval(Row row) =>
        dataset.DeletedOrdinal is { } ordinal && dataset.DeleteHandling == DeleteHandling.Remove && row[dataset.Columns[ordinal]] is not null;

    /// <summary>Whether a row replaces another: by its version, by its time where the version stood still, or, without a version, because it was read last.</summary>
    public bool IsNewer(Row row, Row there) => _version is null ? CompareTime(row, there) != 0 : HasHigherVersion(row, there) || IsSameVersion(row, there);

    /// <summary>Whether the server wrote a row later and did not raise its version.</summary>
    public bool IsSameVersion(Row row, Row there) =>
        _version is not null && _cursor.Type == ColumnType.Timestamptz && NumberOf(row, _version) == NumberOf(there, _version) && CompareTime(row, there) > 0;

    public bool HasHigherVersion(Row row, Row there) => _version is not null && NumberOf(row, _version) > NumberOf(there, _version);

    /// <summary>Whether a tombstone is about this row and not about an earlier one of its key.</summary>
    public bool IsBehind(Row there, Row tombstone) => NumberOf(there, _cursor) < NumberOf(tombstone, _cursor);

    private static long NumberOf(Row row, DatasetColumn column) => row[column] is { } number ? long.Parse(number, CultureInfo.InvariantCulture) : long.MinValue;

    /// <summary>Compares as time: PostgreSQL drops trailing zeros, so that the texts do not compare.</summary>
    private int CompareTime(Row row, Row there) =>
        _cursor.Type != ColumnType.Timestamptz ? NumberOf(row, _cursor).CompareTo(NumberOf(there, _cursor))
        : row.TextOf(_cursor) is { } time && there.TextOf(_cursor) is { } than ? PostgresTime.Parse(time).CompareTo(PostgresTime.Parse(than)) : 0;
}
