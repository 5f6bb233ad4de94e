using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Checkpoints;

/// <summary>The JSON of a checkpoint. Users have checkpoints on their disks, so every name is written down: renaming a property or a value does not change the files.</summary>
internal static partial class CheckpointJson
{
    private static readonly string[] Phases = ["NotStarted", "Backfill", "Delta", "Push", "Completed"];
    private static readonly string[] Grades = ["Overlap", "Exact"];
    private static readonly string[] Orders = ["Key", "Cursor"];
    private static readonly string[] Types =
        ["Text", "Uuid", "Integer", "Boolean", "Double", "Numeric", "Timestamptz", "Timestamp", "Date", "Time", "Json", "Bytes"];

    public static byte[] Write(CheckpointState state)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            WriteScope(json, state.Scope);
            WriteColumns(json, state.Columns);
            json.WriteString("StoreId", state.StoreId);
            json.WriteString("Phase", Phases[(int)state.Phase]);
            if (state.Grade != CompletenessGrade.Overlap)
            {
                json.WriteString("Grade", Grades[(int)state.Grade]);
            }

            WriteText(json, "Epoch", state.Epoch);
            WriteNumber(json, "Generation", state.Generation);
            WriteText(json, "Mark", state.Mark);
            WriteRanges(json, state.Ranges);
            WritePosition(json, "Settled", state.SafePosition);
            WritePosition(json, "TombstonesSettled", state.SafeTombstonePosition);
            if (state.SafeAt is { } safeAt)
            {
                json.WriteString("SettledAt", safeAt);
            }

            WriteKnownRows(json, state.Reconciles);
            WriteNumber(json, "Reread", state.Reread);
            json.WriteNumber("RowsCompleted", state.RowsCompleted);
            json.WriteString("SavedAt", state.SavedAt);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void WriteScope(Utf8JsonWriter json, ScopeStamp scope)
    {
        json.WriteStartObject("Scope");
        json.WriteString("Project", scope.Project);
        json.WriteString("User", scope.User);
        json.WriteString("Role", scope.Role);
        json.WriteString("Filter", scope.Filter);
        json.WriteString("Schema", scope.Schema);
        json.WriteEndObject();
    }

    private static void WriteColumns(Utf8JsonWriter json, IReadOnlyList<DatasetColumn> columns)
    {
        json.WriteStartArray("Columns");
        foreach (var column in columns)
        {
            json.WriteStartObject();
            json.WriteString("Name", column.Name);
            json.WriteString("Type", Types[(int)column.Type]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRanges(Utf8JsonWriter json, IReadOnlyList<KeyRange> ranges)
    {
        json.WriteStartArray("Ranges");
        foreach (var range in ranges)
        {
            json.WriteStartObject();
            JsonMembers.WriteTexts(json, "From", range.From);
            JsonMembers.WriteTexts(json, "To", range.To);
            JsonMembers.WriteTexts(json, "Position", range.Position);
            json.WriteBoolean("Done", range.Done);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePosition(Utf8JsonWriter json, string name, CursorPosition? position)
    {
        if (position is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("Order", Orders[(int)position.Order]);
        WriteText(json, "CursorValue", position.CursorValue);
        JsonMembers.WriteTexts(json, "KeyValues", position.KeyValues);
        json.WriteEndObject();
    }

    private static void WriteKnownRows(Utf8JsonWriter json, KnownRows? known)
    {
        if (known is null)
        {
            return;
        }

        json.WriteStartObject("Reconciles");
        WriteText(json, "Column", known.Column);
        WriteText(json, "Below", known.Below);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } given)
        {
            json.WriteNumber(name, given);
        }
    }
}
