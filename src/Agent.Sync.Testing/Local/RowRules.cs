using System.Globalization;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Local;

/// <summary>What a dataset says about a row: its key, its version, whether it is a deletion.</summary>
internal static class RowRules
{
    public static string KeyOf(IEnumerable<string> values) =>
        string.Concat(values.Select(static value => string.Create(CultureInfo.InvariantCulture, $"{value.Length:D6}{value}")));

    public static string KeyOf(Dataset dataset, MemoryRow row) =>
        KeyOf(dataset, KeyColumns(dataset).Select(name => row.TextOf(name) ?? throw new ArgumentException($"Key column '{name}' is missing.", nameof(row))));

    /// <summary>A uuid is the same key however the app spells it.</summary>
    public static string KeyOf(Dataset dataset, IEnumerable<string> values) => KeyOf(values.Select((value, index) =>
        index < dataset.KeyOrdinals.Count && dataset.Columns[dataset.KeyOrdinals[index]].Type == ColumnType.Uuid && Guid.TryParse(value, out var uuid) ? uuid.ToString() : value));

    public static IEnumerable<string> KeyColumns(Dataset dataset) => dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name);

    public static string KeyJson(Dataset dataset, MemoryRow row) => MemoryRow.Write(KeyColumns(dataset), row.Values);

    public static string VersionColumn(Dataset dataset) => dataset.Columns[dataset.VersionOrdinal ?? dataset.CursorOrdinal].Name;

    public static bool IsRemoval(Dataset dataset, MemoryRow row) =>
        dataset.DeletedOrdinal is { } deleted && dataset.DeleteHandling == DeleteHandling.Remove && row[dataset.Columns[deleted].Name] is not null;

    /// <summary>A version column says which of two rows is newer, and the cursor where the version stood still; without one the row read last is.</summary>
    public static bool IsNewer(Dataset dataset, MemoryRow row, MemoryRow there) =>
        dataset.VersionOrdinal is null ? !IsSameVersion(dataset, row, there) : HasHigherVersion(dataset, row, there) || IsRestamped(dataset, row, there);

    /// <summary>Whether a row was written after another, as far as its version tells, or its update timestamp where there is no version.</summary>
    public static bool IsLater(Dataset dataset, MemoryRow row, MemoryRow there)
    {
        var cursor = dataset.Columns[dataset.CursorOrdinal];
        return dataset.VersionOrdinal is not null || cursor.Type != ColumnType.Timestamptz ? HasHigherVersion(dataset, row, there)
            : row.TextOf(cursor.Name) is { } time && there.TextOf(cursor.Name) is { } than && CursorTime.Compare(time, than) > 0;
    }

    public static bool HasHigherVersion(Dataset dataset, MemoryRow row, MemoryRow there) => VersionOf(dataset, row) > VersionOf(dataset, there);

    /// <summary>Whether the server wrote a row without raising its version: its cursor is later.</summary>
    public static bool IsRestamped(Dataset dataset, MemoryRow row, MemoryRow there)
    {
        var cursor = dataset.Columns[dataset.CursorOrdinal];
        return dataset.VersionOrdinal is not null && cursor.Type == ColumnType.Timestamptz && VersionOf(dataset, row) == VersionOf(dataset, there)
            && row.TextOf(cursor.Name) is { } time && there.TextOf(cursor.Name) is { } than
            && CursorTime.Compare(time, than) > 0;
    }

    public static bool IsSameVersion(Dataset dataset, MemoryRow row, MemoryRow there)
    {
        if (dataset.VersionOrdinal is not null)
        {
            return VersionOf(dataset, row) == VersionOf(dataset, there);
        }

        var cursor = dataset.Columns[dataset.CursorOrdinal];
        return (row.TextOf(cursor.Name), there.TextOf(cursor.Name)) switch
        {
            ({ } left, { } right) when cursor.Type == ColumnType.Timestamptz =>
                PostgresTimestamp.TryParse(left, out var one) && PostgresTimestamp.TryParse(right, out var other) && one == other,
            var (left, right) => left == right,
        };
    }

    /// <summary>Whether the two have the same values in every column that the app may write.</summary>
    public static bool IsSameContent(Dataset dataset, MemoryRow row, MemoryRow there) => !Differing(dataset, row, there).Any();

    /// <summary>Returns the columns that the app may write and that differ.</summary>
    public static IEnumerable<string> Differing(Dataset dataset, MemoryRow row, MemoryRow there) =>
        dataset.PushedOrdinals.Select(ordinal => dataset.Columns[ordinal].Name).Where(name => row[name] != there[name]);

    /// <exception cref="SyncSchemaException">The version is no 64-bit integer.</exception>
    private static long VersionOf(Dataset dataset, MemoryRow row) =>
        row[VersionColumn(dataset)] is not { } version ? long.MinValue
        : long.TryParse(version, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new SyncSchemaException(SyncErrorKind.RemoteSchema, $"Column '{VersionColumn(dataset)}' of dataset '{dataset.Name}' holds a value that is no 64-bit integer.", dataset.Name);
}
