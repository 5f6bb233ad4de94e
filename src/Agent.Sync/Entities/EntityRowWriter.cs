using System.ComponentModel;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agent.Sync.Entities;

namespace Agent.Sync;

/// <summary>Writes one row as JSON in PostgREST's forms, for the code that the source generator writes. Not safe for concurrent use.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class EntityRowWriter
{
    private readonly Utf8JsonWriter _json;

    internal EntityRowWriter(Utf8JsonWriter json) => _json = json;

    /// <summary>Writes a text.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The text, or null.</param>
    public void Write(string column, string? value) => _json.WriteString(column, value);

    /// <summary>Writes a uuid.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The uuid, or null.</param>
    public void Write(string column, Guid? value) => WriteText(column, value?.ToString());

    /// <summary>Writes a boolean.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The boolean, or null.</param>
    public void Write(string column, bool? value)
    {
        if (value is { } known)
        {
            _json.WriteBoolean(column, known);
        }
        else
        {
            _json.WriteNull(column);
        }
    }

    /// <summary>Writes a <c>timestamptz</c>, to the microsecond.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The point in time, or null.</param>
    public void Write(string column, DateTimeOffset? value) => WriteText(column, value is { } known ? TimestampText.Format(known) : null);

    /// <summary>Writes a <c>timestamp</c> without time zone, to the microsecond.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The time, or null; its kind counts for nothing.</param>
    public void Write(string column, DateTime? value) => WriteText(column, value?.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));

    /// <summary>Writes a <c>timestamptz</c>, to the microsecond.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The time, or null; an unspecified kind means UTC.</param>
    public void WriteUtc(string column, DateTime? value) =>
        Write(column, value is { } known ? new DateTimeOffset(known.Kind == DateTimeKind.Local ? known : DateTime.SpecifyKind(known, DateTimeKind.Utc)) : (DateTimeOffset?)null);

    /// <summary>Writes a <c>date</c>.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The date, or null.</param>
    public void Write(string column, DateOnly? value) => WriteText(column, value?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    /// <summary>Writes a <c>time</c>.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The time of day, or null.</param>
    public void Write(string column, TimeOnly? value) => WriteText(column, value?.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));

    /// <summary>Writes a <c>bytea</c>.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The bytes, or null.</param>
    public void Write(string column, byte[]? value) => WriteText(column, value is null ? null : @"\x" + Convert.ToHexStringLower(value));

    /// <summary>Writes a number; one that is not finite as PostgreSQL's text for it.</summary>
    /// <typeparam name="T">The number's type.</typeparam>
    /// <param name="column">The column.</param>
    /// <param name="value">The number, or null.</param>
    public void WriteNumber<T>(string column, T? value)
        where T : struct, INumberBase<T>
    {
        if (value is { } number && T.IsFinite(number))
        {
            _json.WritePropertyName(column);
            _json.WriteRawValue(number.ToString(null, CultureInfo.InvariantCulture));
            return;
        }

        WriteText(column, value switch
        {
            null => null,
            { } known when T.IsNaN(known) => "NaN",
            { } known => T.IsNegative(known) ? "-Infinity" : "Infinity",
        });
    }

    /// <summary>Writes the digits of a <c>numeric</c>, all of them.</summary>
    /// <param name="column">The column.</param>
    /// <param name="digits">A number in JSON's form, or one of PostgreSQL's texts such as <c>NaN</c>; null for null.</param>
    public void WriteNumeric(string column, string? digits)
    {
        if (digits is { Length: > 0 } && (char.IsAsciiDigit(digits[0]) || digits[0] == '-') && char.IsAsciiDigit(digits[^1]))
        {
            WriteRawJson(column, digits);
        }
        else
        {
            WriteText(column, digits);
        }
    }

    /// <summary>Writes a JSON value.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">The value; null and an undefined one are written as null.</param>
    public void WriteJson(string column, JsonElement? value)
    {
        _json.WritePropertyName(column);
        if (value is { ValueKind: not JsonValueKind.Undefined } known)
        {
            known.WriteTo(_json);
        }
        else
        {
            _json.WriteNullValue();
        }
    }

    /// <summary>Writes JSON text.</summary>
    /// <param name="column">The column.</param>
    /// <param name="value">One JSON value, or null.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public void WriteRawJson(string column, string? value)
    {
        _json.WritePropertyName(column);
        _json.WriteRawValue(value ?? "null");
    }

    /// <summary>Writes a JSON value or an array with a source-generated description.</summary>
    /// <typeparam name="T">The property's type.</typeparam>
    /// <param name="column">The column.</param>
    /// <param name="value">The value, or null.</param>
    /// <param name="typeInfo">The description; null for an array of plain values.</param>
    /// <exception cref="InvalidOperationException">The app's serializer context does not have the type.</exception>
    public void WriteJson<T>(string column, T? value, JsonTypeInfo? typeInfo)
    {
        _json.WritePropertyName(column);
        if (value is null)
        {
            _json.WriteNullValue();
        }
        else
        {
            JsonSerializer.Serialize(_json, value, EntityJsonContext.Require<T>(typeInfo));
        }
    }

    private void WriteText(string column, string? text) => _json.WriteString(column, text);
}
