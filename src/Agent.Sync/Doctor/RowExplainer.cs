using System.Text.Json;
using Agent.Sync.Checkpoints;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Doctor;

/// <summary>Puts together what both sides have of one row, and says what follows.</summary>
internal static class RowExplainer
{
    public static async Task<RowExplanation> RunAsync(CheckupParts parts, Dataset dataset, string key, CancellationToken cancellationToken)
    {
        var texts = RowKeyText.Read(dataset, key);
        var saved = await ReadCheckpointAsync(parts, dataset, cancellationToken).ConfigureAwait(false);
        var isExact = saved?.Grade == CompletenessGrade.Exact;
        using var server = await ServerRow.AskAsync(parts, dataset, texts, isExact, cancellationToken).ConfigureAwait(false);
        var spelled = RowKeyText.Write(dataset, texts);
        var stored = await parts.Local.FindRowAsync(server.Shape, spelled, cancellationToken).ConfigureAwait(false);
        var shape = server.Shape;
        var version = shape.Columns[shape.VersionOrdinal ?? shape.CursorOrdinal];
        var explanation = new RowExplanation
        {
            Dataset = dataset.Name,
            Key = spelled,
            State = RowState.Unknown,
            Grade = saved?.Grade ?? CompletenessGrade.Overlap,
            VersionColumn = version.Name,
            IsLocal = stored is null ? null : !stored.Row.IsEmpty,
            Local = stored?.Row ?? default,
            LocalVersion = TextOf(stored?.Row ?? default, version.Name),
            BaseVersion = TextOf(stored?.Base ?? default, version.Name),
            Changes = stored?.Changes ?? [],
            Parked = stored?.Parked,
            IsOnServer = server.Page is null ? null : server.IsThere,
            Server = server.IsThere ? server.Page!.GetRow(0).ToArray() : default,
            ServerVersion = server.IsThere ? server.Page!.GetCell(0, shape.VersionOrdinal ?? shape.CursorOrdinal).ReadText() : null,
            IsSoftDeleted = server.IsThere && shape.DeletedOrdinal is { } deleted && !server.Page!.GetCell(0, deleted).IsNull,
            HasTombstone = server.HasTombstone,
            DifferingColumns = server.IsThere && stored is { Row.IsEmpty: false } ? Differing(stored.Row, server.Page!) : [],
            ServerFailure = server.Failure,
        };
        return explanation with { State = StateOf(explanation, stored, server, saved, version) };
    }

    private static async Task<CheckpointState?> ReadCheckpointAsync(CheckupParts parts, Dataset dataset, CancellationToken cancellationToken)
    {
        try
        {
            return await parts.ReadCheckpointAsync(dataset, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncProtocolException)
        {
            // Damaged, or too new: a diagnosis says so. What the two sides have can be told all the same.
            return null;
        }
    }

    private static RowState StateOf(RowExplanation row, StoredRow? stored, ServerRow server, CheckpointState? saved, DatasetColumn version)
    {
        if (stored is null)
        {
            return RowState.Unknown;
        }

        if (row.Changes.Count > 0)
        {
            return row.Changes.Any(static change => change.State == ChangeState.InFlight) ? RowState.InFlight
                : row.Changes.Any(static change => change.State == ChangeState.Quarantined) ? RowState.Quarantined
                : RowState.Waiting;
        }

        if (row.Parked is not null)
        {
            return RowState.Parked;
        }

        return (row.IsLocal, row.IsOnServer) switch
        {
            (_, null) => RowState.Unknown,
            (false, false) => RowState.Absent,
            (true, false) => row.HasTombstone == true ? RowState.RemovedOnServer : RowState.NotOnServer,
            _ when server.IsOutsideFilter => RowState.OutsideFilter,
            (false, _) when row.IsSoftDeleted && server.Shape.DeleteHandling == DeleteHandling.Remove => RowState.InStep,
            (false, _) => Behind(server, saved),
            _ => OfBoth(row, server, saved, version),
        };
    }

    private static RowState OfBoth(RowExplanation row, ServerRow server, CheckpointState? saved, DatasetColumn version)
    {
        if (row.IsSoftDeleted && server.Shape.DeleteHandling == DeleteHandling.Remove)
        {
            return Behind(server, saved);
        }

        return Compare(version.Type, row.LocalVersion, row.ServerVersion) switch
        {
            0 => row.DifferingColumns.Count > 0 ? RowState.Differs : RowState.InStep,
            > 0 => RowState.LocalIsNewer,
            _ => Behind(server, saved),
        };
    }

    /// <summary>The server has what is not here: by its place in the order of deltas, the next run brings it or none does.</summary>
    private static RowState Behind(ServerRow server, CheckpointState? saved)
    {
        var shape = server.Shape;
        var isSameOrder = (saved?.Grade == CompletenessGrade.Exact) == (shape.Columns[shape.CursorOrdinal].Name == Dataset.SequenceColumn);
        return saved is { Phase: SyncPhase.Delta, SafePosition.CursorValue: { } safe } && isSameOrder
            && Compare(shape.Columns[shape.CursorOrdinal].Type, server.Page!.GetCell(0, shape.CursorOrdinal).ReadText(), safe) < 0
                ? RowState.Missed
                : RowState.ServerIsNewer;
    }

    /// <summary>Compares two texts of a version column; null when they differ and have no order.</summary>
    private static int? Compare(ColumnType type, string? left, string? right)
    {
        if (left is not null && right is not null && CursorNumber.TryParse(type, left, out var first) && CursorNumber.TryParse(type, right, out var second))
        {
            return first.CompareTo(second);
        }

        return string.Equals(left, right, StringComparison.Ordinal) ? 0 : null;
    }

    private static List<string> Differing(ReadOnlyMemory<byte> local, Page server)
    {
        List<string> names = [];
        for (var column = 0; column < server.Dataset.Columns.Count; column++)
        {
            var looked = column;

            // SQLite keeps a double that is no number as NULL.
            var isNoNumber = server.Dataset.Columns[column].Type == ColumnType.Double && server.GetCell(0, column).Utf8.SequenceEqual("NaN"u8);
            if (!isNoNumber && !SentValues.AreIn(local.Span, server, 0, counted => counted == looked))
            {
                names.Add(server.Dataset.Columns[column].Name);
            }
        }

        return names;
    }

    private static string? TextOf(ReadOnlyMemory<byte> row, string column)
    {
        if (row.IsEmpty)
        {
            return null;
        }

        using var json = JsonDocument.Parse(row);
        return json.RootElement.TryGetProperty(column, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;
    }
}
