using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>Which column type keeps a property's values in the form in which EF Core's SQLite provider writes and reads them.</summary>
internal static class ModelTypes
{
    private static readonly Dictionary<Type, ColumnType> Natural = new()
    {
        [typeof(Guid)] = ColumnType.Uuid,
        [typeof(bool)] = ColumnType.Boolean,
        [typeof(byte)] = ColumnType.Integer,
        [typeof(sbyte)] = ColumnType.Integer,
        [typeof(short)] = ColumnType.Integer,
        [typeof(ushort)] = ColumnType.Integer,
        [typeof(int)] = ColumnType.Integer,
        [typeof(uint)] = ColumnType.Integer,
        [typeof(long)] = ColumnType.Integer,
        [typeof(float)] = ColumnType.Double,
        [typeof(double)] = ColumnType.Double,
        [typeof(decimal)] = ColumnType.Numeric,
        [typeof(DateTimeOffset)] = ColumnType.Timestamptz,
        [typeof(DateTime)] = ColumnType.Timestamp,
        [typeof(DateOnly)] = ColumnType.Date,
        [typeof(TimeOnly)] = ColumnType.Time,
        [typeof(string)] = ColumnType.Text,
        [typeof(char)] = ColumnType.Text,
        [typeof(byte[])] = ColumnType.Bytes,
    };

    /// <summary>What the store too keeps as a text.</summary>
    private static readonly HashSet<ColumnType> OfTexts =
        [ColumnType.Text, ColumnType.Uuid, ColumnType.Numeric, ColumnType.Timestamptz, ColumnType.Timestamp, ColumnType.Date, ColumnType.Time, ColumnType.Json];

    /// <summary>Types whose values come from the server in one form: a conversion of the model's makes another one of it.</summary>
    private static readonly HashSet<Type> Unconverted =
        [typeof(Guid), typeof(bool), typeof(decimal), typeof(DateTimeOffset), typeof(DateTime), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(ulong)];

    public static ColumnType? Find(IProperty property, IColumn column, ColumnType? given, out string? fault)
    {
        fault = null;
        var (type, kept) = (Unwrap(property.ClrType), Unwrap(column.ProviderClrType));
        if (given is { } asked)
        {
            if (Natural.GetValueOrDefault(kept, ColumnType.Text) == asked && Natural.ContainsKey(kept))
            {
                return asked;
            }

            if (kept == typeof(string) && OfTexts.Contains(asked))
            {
                return asked;
            }

            fault = asked == ColumnType.Timestamptz && kept == typeof(DateTime)
                ? "is a DateTime, which EF Core writes and looks for without the offset that a timestamptz has in the store: make it a DateTimeOffset."
                : $"is kept as {kept.Name}, which cannot hold the {asked} that it is declared: change one of the two.";
            return null;
        }

        if (type == typeof(Guid) && kept == typeof(byte[]))
        {
            return ColumnType.Uuid;
        }

        if (kept == typeof(string) && (property.GetElementType() is not null || type == typeof(JsonElement) || type == typeof(JsonDocument) || type.IsAssignableTo(typeof(JsonNode))))
        {
            return ColumnType.Json;
        }

        if (Unconverted.Contains(type) && kept != type)
        {
            fault = $"is a {type.Name} that a conversion keeps as {kept.Name}, but the server's values come as {type.Name}: remove the conversion, or name the remote column's type with HasSyncColumn(type: ...).";
            return null;
        }

        if (Natural.TryGetValue(kept, out var natural))
        {
            return natural;
        }

        fault = $"is kept as {kept.Name}, which no column type fits: convert it (HasConversion) to a type that one fits, such as long or string, or leave it out with IsNotSynced().";
        return null;
    }

    public static Type Unwrap(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
