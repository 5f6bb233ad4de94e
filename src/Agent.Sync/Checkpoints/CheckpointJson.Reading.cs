using System.Text.Json;

namespace Agent.Sync.Checkpoints;

/// <content>Reading: member by member, and nothing that this version does not know.</content>
internal static partial class CheckpointJson
{
    /// <exception cref="JsonException">The text is not a checkpoint, or has a member or a value of a later version.</exception>
    public static CheckpointState Read(ReadOnlySpan<byte> utf8) => JsonMembers.Read(utf8, ReadState);

    private static CheckpointState ReadState(ref Utf8JsonReader json)
    {
        ScopeStamp? scope = null;
        DatasetColumn[]? columns = null;
        Guid? storeId = null;
        SyncPhase? phase = null;
        var grade = CompletenessGrade.Overlap;
        string? epoch = null;
        long? generation = null;
        string? mark = null;
        KeyRange[]? ranges = null;
        CursorPosition? safe = null;
        CursorPosition? safeTombstones = null;
        DateTimeOffset? safeAt = null;
        KnownRows? reconciles = null;
        long? reread = null;
        var rows = 0L;
        var savedAt = default(DateTimeOffset);
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "Scope":
                    scope = ReadScope(ref json);
                    break;
                case "Columns":
                    columns = JsonMembers.Items(ref json, ReadColumn);
                    break;
                case "StoreId":
                    storeId = json.GetGuid();
                    break;
                case "Phase":
                    phase = (SyncPhase)ValueOf(ref json, Phases);
                    break;
                case "Grade":
                    grade = (CompletenessGrade)ValueOf(ref json, Grades);
                    break;
                case "Epoch":
                    epoch = json.GetString();
                    break;
                case "Generation":
                    generation = Number(ref json);
                    break;
                case "Mark":
                    mark = json.GetString();
                    break;
                case "Ranges":
                    ranges = JsonMembers.Items(ref json, ReadRange);
                    break;
                case "Settled":
                    safe = ReadPosition(ref json);
                    break;
                case "TombstonesSettled":
                    safeTombstones = ReadPosition(ref json);
                    break;
                case "SettledAt":
                    safeAt = json.TokenType == JsonTokenType.Null ? null : json.GetDateTimeOffset();
                    break;
                case "Reconciles":
                    reconciles = ReadKnownRows(ref json);
                    break;
                case "Reread":
                    reread = Number(ref json);
                    break;
                case "RowsCompleted":
                    rows = json.GetInt64();
                    break;
                case "SavedAt":
                    savedAt = json.GetDateTimeOffset();
                    break;
                default:
                    throw new JsonException();
            }
        }

        return new CheckpointState
        {
            Scope = scope ?? throw new JsonException(),
            Columns = columns ?? throw new JsonException(),
            StoreId = storeId ?? throw new JsonException(),
            Phase = phase ?? throw new JsonException(),
            Grade = grade,
            Epoch = epoch,
            Generation = generation,
            Mark = mark,
            Ranges = ranges ?? throw new JsonException(),
            SafePosition = safe,
            SafeTombstonePosition = safeTombstones,
            SafeAt = safeAt,
            Reconciles = reconciles,
            Reread = reread,
            RowsCompleted = rows,
            SavedAt = savedAt,
        };
    }

    private static ScopeStamp ReadScope(ref Utf8JsonReader json)
    {
        var texts = ReadTexts(ref json, "Project", "User", "Role", "Filter", "Schema");
        return new ScopeStamp(Given(texts[0]), Given(texts[1]), Given(texts[2]), Given(texts[3]), Given(texts[4]));
    }

    private static DatasetColumn ReadColumn(ref Utf8JsonReader json)
    {
        var texts = ReadTexts(ref json, "Name", "Type");
        return new DatasetColumn(Given(texts[0]), (ColumnType)ValueOf(texts[1], Types));
    }

    private static KeyRange ReadRange(ref Utf8JsonReader json)
    {
        var range = KeyRange.Everything;
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            range = name switch
            {
                "From" => range with { From = JsonMembers.Texts(ref json) },
                "To" => range with { To = JsonMembers.Texts(ref json) },
                "Position" => range with { Position = JsonMembers.Texts(ref json) },
                "Done" => range with { Done = json.GetBoolean() },
                _ => throw new JsonException(),
            };
        }

        return range;
    }

    private static CursorPosition? ReadPosition(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        PageOrder? order = null;
        string? cursor = null;
        string[]? keys = null;
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "Order":
                    order = (PageOrder)ValueOf(ref json, Orders);
                    break;
                case "CursorValue":
                    cursor = json.GetString();
                    break;
                case "KeyValues":
                    keys = JsonMembers.Texts(ref json);
                    break;
                default:
                    throw new JsonException();
            }
        }

        return new CursorPosition(order ?? throw new JsonException(), cursor, keys ?? throw new JsonException());
    }

    private static KnownRows? ReadKnownRows(ref Utf8JsonReader json)
    {
        if (json.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        var texts = ReadTexts(ref json, "Column", "Below");
        return new KnownRows(texts[0], texts[1]);
    }

    /// <summary>Reads an object whose members are texts, in the order of their names; null for one that is missing.</summary>
    private static string?[] ReadTexts(ref Utf8JsonReader json, params string[] names)
    {
        var texts = new string?[names.Length];
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            texts[ValueOf(name, names)] = json.GetString();
        }

        return texts;
    }

    private static string Given(string? text) => text ?? throw new JsonException();

    private static long? Number(ref Utf8JsonReader json) => json.TokenType == JsonTokenType.Null ? null : json.GetInt64();

    private static int ValueOf(ref Utf8JsonReader json, string[] names) => ValueOf(json.GetString(), names);

    private static int ValueOf(string? name, string[] names)
    {
        var value = Array.IndexOf(names, name);
        return value >= 0 ? value : throw new JsonException();
    }
}
