using System.Buffers;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using Agent.Sync.Entities;

namespace Agent.Sync;

/// <summary>One row of a page, for the code that the source generator writes. Valid until the page is disposed.</summary>
/// <remarks>Columns are positions in the dataset's columns. Every method throws <see cref="SyncSchemaException"/> for a value that does not fit; the message has no value.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct EntityRow
{
    private const int LongestNumber = 128;

    private readonly Page _page;
    private readonly int _row;

    internal EntityRow(Page page, int row)
    {
        _page = page;
        _row = row;
    }

    /// <summary>Returns whether the cell is a JSON <c>null</c>.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>True for null.</returns>
    public bool IsNull(int column) => _page.GetCell(_row, column).IsNull;

    /// <summary>Reads a text, or the JSON text of a json column.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The text, as the server wrote it.</returns>
    public string GetString(int column)
    {
        var cell = Require(column, "string");
        if (cell.Kind != PageCellKind.EscapedString)
        {
            return Encoding.UTF8.GetString(cell.Utf8);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(cell.Utf8.Length);
        try
        {
            return Encoding.UTF8.GetString(buffer.AsSpan(0, cell.CopyText(buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a number, a uuid or a time of day, or a date.</summary>
    /// <typeparam name="T">The property's type.</typeparam>
    /// <param name="column">The column's position.</param>
    /// <returns>The value.</returns>
    public T Get<T>(int column)
        where T : ISpanParsable<T>
    {
        var utf8 = Require(column, typeof(T).Name).Utf8;
        Span<char> text = stackalloc char[LongestNumber];
        return utf8.Length <= LongestNumber
            && Utf8.ToUtf16(utf8, text, out _, out var length) == OperationStatus.Done
            && T.TryParse(text[..length], CultureInfo.InvariantCulture, out var value)
            ? value
            : throw DoesNotFit(column, typeof(T).Name);
    }

    /// <summary>Reads a boolean.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The value.</returns>
    public bool GetBoolean(int column) => Require(column, nameof(Boolean)).Kind switch
    {
        PageCellKind.True => true,
        PageCellKind.False => false,
        _ => throw DoesNotFit(column, nameof(Boolean)),
    };

    /// <summary>Reads a <c>timestamptz</c>.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The point in time, in UTC, to the microsecond.</returns>
    public DateTimeOffset GetDateTimeOffset(int column)
    {
        const long First = -62_135_596_800_000_000;
        const long Last = 253_402_300_799_999_999;
        return TimestampText.TryParse(Require(column, nameof(DateTimeOffset)).Utf8, out var microseconds) && microseconds is >= First and <= Last
            ? DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond)
            : throw DoesNotFit(column, nameof(DateTimeOffset));
    }

    /// <summary>Reads a <c>timestamptz</c>.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The point in time; its kind is UTC.</returns>
    public DateTime GetUtcDateTime(int column) => GetDateTimeOffset(column).UtcDateTime;

    /// <summary>Reads a <c>timestamp</c> without time zone.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The time; its kind is unspecified.</returns>
    public DateTime GetDateTime(int column)
    {
        var value = Get<DateTime>(column);
        return value.Kind == DateTimeKind.Unspecified ? value : throw DoesNotFit(column, nameof(DateTime));
    }

    /// <summary>Reads a <c>bytea</c> in PostgreSQL's hex form.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The bytes.</returns>
    public byte[] GetBytes(int column)
    {
        var text = GetString(column);
        if (!text.StartsWith(@"\x", StringComparison.Ordinal) || text.Length % 2 != 0)
        {
            throw DoesNotFit(column, "byte[]");
        }

        var bytes = new byte[(text.Length / 2) - 1];
        return Convert.FromHexString(text.AsSpan(2), bytes, out _, out _) == OperationStatus.Done ? bytes : throw DoesNotFit(column, "byte[]");
    }

    /// <summary>Reads a JSON value.</summary>
    /// <param name="column">The column's position.</param>
    /// <returns>The value, with memory of its own. A null column is a JSON null.</returns>
    public JsonElement GetJson(int column)
    {
        var reader = new Utf8JsonReader(_page.GetCell(_row, column).Utf8);
        return JsonElement.ParseValue(ref reader);
    }

    /// <summary>Reads a JSON value or an array with a source-generated description.</summary>
    /// <typeparam name="T">The property's type.</typeparam>
    /// <param name="column">The column's position.</param>
    /// <param name="typeInfo">The description; null when the app's serializer context does not have the type.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidOperationException">The app's serializer context does not have the type.</exception>
    public T GetJson<T>(int column, JsonTypeInfo? typeInfo)
    {
        var described = EntityJsonContext.Require<T>(typeInfo);
        var cell = Require(column, typeof(T).Name);
        try
        {
            return JsonSerializer.Deserialize(cell.Utf8, described) ?? throw DoesNotFit(column, typeof(T).Name);
        }
        catch (JsonException)
        {
            // Not as an inner exception: its message may quote the row.
            throw DoesNotFit(column, typeof(T).Name);
        }
    }

    /// <summary>Makes the exception of a value that is no member of an enum.</summary>
    /// <param name="column">The column's position.</param>
    /// <param name="type">The property's type.</param>
    /// <returns>The exception.</returns>
    public SyncSchemaException DoesNotFit(int column, string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var dataset = _page.Dataset;
        return new SyncSchemaException(
            SyncErrorKind.RemoteSchema,
            IsNull(column)
                ? $"Column '{dataset.Columns[column].Name}' of dataset '{dataset.Name}' is null in row {_row} of a page, and its property is a {type} that cannot be null. Make the property nullable, or the column not null."
                : $"Column '{dataset.Columns[column].Name}' of dataset '{dataset.Name}' has a value in row {_row} of a page that a {type} cannot hold. Give the property a wider type.",
            dataset.Name);
    }

    private PageCell Require(int column, string type)
    {
        var cell = _page.GetCell(_row, column);
        return cell.IsNull ? throw DoesNotFit(column, type) : cell;
    }
}
