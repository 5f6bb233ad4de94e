using System.Text;
using System.Text.Json.Nodes;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Judges and writes the changes of one batch, each with a savepoint of its own.</summary>
internal sealed class PushRun(PostgrestTable table, WriteScope scope, ModelLedger ledger, string? user, int version, string? deleted)
{
    private readonly RowWriter _writer = new(table, scope, user);

    public PushedOutcome Push(PushedChange change)
    {
        if (ledger.Has(change.Operation, user))
        {
            return PushedOutcome.Applied;
        }

        var savepoint = scope.Savepoint;
        try
        {
            var outcome = Write(change, _writer.Find(change.Key));
            if (outcome.Wrote)
            {
                ledger.Add(scope, change.Operation, user);
            }

            return outcome;
        }
        catch (PostgrestFailure failure) when (!IsAboutTheCall(failure.Code))
        {
            scope.Rollback(savepoint);
            return new PushedOutcome("rejected", failure.Code, failure.Constraint);
        }
        catch (PostgrestFailure)
        {
            scope.Rollback();
            throw;
        }
    }

    public TableRow? FindVisible(PushedChange change) => _writer.Find(change.Key) is { } row && _writer.IsVisible(row) ? row : null;

    private PushedOutcome Write(PushedChange change, TableRow? there)
    {
        if (change.Kind == "insert")
        {
            return there is null ? Done(() => _writer.Insert(change.Row)) : JudgeExisting(change, there);
        }

        if (there is null || !_writer.IsVisible(there))
        {
            // Deleting what is gone is success.
            return change.Kind == "delete" ? PushedOutcome.Applied : PushedOutcome.Conflict;
        }

        if (change.Base is not null && !HasVersion(there, change.Base))
        {
            return IsThereAlready(change, there) ? PushedOutcome.Applied : PushedOutcome.Conflict;
        }

        return Done(() => Apply(change, there));
    }

    private static PushedOutcome Done(Action write)
    {
        write();
        return PushedOutcome.Written;
    }

    // What the server is to blame for, and what a client tries again.
    private static bool IsAboutTheCall(string code) =>
        code is "0A000" or "55P03" or "PT429" || code.StartsWith("PT5", StringComparison.Ordinal)
        || code[..2] is "08" or "25" or "40" or "53" or "57" or "58" or "F0";

    private void Apply(PushedChange change, TableRow there)
    {
        if (change.Kind == "update")
        {
            _writer.Update(there, change.Row);
        }
        else if (deleted is not null)
        {
            _writer.Update(there, new Dictionary<string, byte[]> { [deleted] = Encoding.UTF8.GetBytes($"\"{PostgresTimestamp.Format(scope.Stamp)}\"") });
        }
        else
        {
            _writer.Delete(there);
        }
    }

    private PushedOutcome JudgeExisting(PushedChange change, TableRow there)
    {
        if (!_writer.IsVisible(there))
        {
            throw RowWriter.Refused();
        }

        return IsThereAlready(change, there) ? PushedOutcome.Applied : PushedOutcome.Conflict;
    }

    private bool HasVersion(TableRow row, string text) =>
        text.Length > 0 && row.Values[version] is { } value && value.Equals(SqlValue.Parse(table.Columns[version].Type, text));

    private bool IsThereAlready(PushedChange change, TableRow there) => change.Kind == "delete"
        ? deleted is not null && there.Values[table.OrdinalOf(deleted)] is not null
        : change.Row.All(item => IsSame(table.OrdinalOf(item.Key), item.Value, there));

    private bool IsSame(int ordinal, byte[] sent, TableRow there) => table.Columns[ordinal].Type == ColumnType.Json
        ? JsonNode.DeepEquals(JsonNode.Parse(sent), JsonNode.Parse(there.Json[ordinal]))
        : Equals(SqlValue.FromJson(table.Columns[ordinal].Type, sent), there.Values[ordinal]);
}
