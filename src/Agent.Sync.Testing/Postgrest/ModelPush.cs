using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Answers the SQL kit's push function: an outcome per change, each written or not on its own.</summary>
internal sealed class ModelPush(PostgrestDouble server, ModelLedger ledger, DoubleToken token)
{
    public ModelAnswer Answer(RecordedRequest request)
    {
        using var document = JsonDocument.Parse(request.Body);
        var batch = document.RootElement.GetProperty("batch");
        var table = Find(batch.GetProperty("table").GetString()!);
        int[] select = [.. batch.GetProperty("select").EnumerateArray().Select(name => table.OrdinalOf(name.GetString()!))];
        var run = new PushRun(
            table,
            server.BeginWrite(),
            ledger,
            token.Subject,
            table.OrdinalOf(batch.GetProperty("version").GetString()!),
            batch.TryGetProperty("deleted", out var deleted) && deleted.ValueKind == JsonValueKind.String ? deleted.GetString() : null);
        var changes = batch.GetProperty("groups").EnumerateArray().SelectMany(PushedChange.ReadGroup).ToList();
        if (changes.DistinctBy(static change => change.KeyText).Count() != changes.Count)
        {
            throw new PostgrestFailure(500, "21000", "agent_sync: the batch names a key twice");
        }

        // A row's refusal is an outcome, a missing grant is not.
        if (!table.IsReadable || (!table.IsWritable && changes.Count > 0))
        {
            throw new PostgrestFailure(403, "42501", $"permission denied for table {table.Name}");
        }

        var outcomes = changes.Select(change => (Change: change, Outcome: run.Push(change))).ToList();
        return new ModelAnswer(200, Write(table, select, [.. outcomes.Select(pair => (pair.Change, pair.Outcome, run.FindVisible(pair.Change)))]));
    }

    private static ReadOnlyMemory<byte> Write(
        PostgrestTable table, int[] select, IReadOnlyList<(PushedChange Change, PushedOutcome Outcome, TableRow? Row)> outcomes)
    {
        var rows = new List<TableRow>();
        return JsonText.Write(writer =>
        {
            writer.WriteStartArray("outcomes");
            foreach (var (change, outcome, row) in outcomes)
            {
                writer.WriteStartObject();
                writer.WriteString("op", change.Operation);
                writer.WriteString("status", outcome.Status);
                if (outcome.Code is not null)
                {
                    writer.WriteString("code", outcome.Code);
                    writer.WriteString("constraint", outcome.Constraint);
                }

                writer.WritePropertyName("row");
                if (row is null || outcome.Code is not null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    writer.WriteNumberValue(rows.Count);
                    rows.Add(row);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WritePropertyName("rows");
            writer.WriteRawValue(RowRendering.Write(table, rows, select).Span);
        });
    }

    private PostgrestTable Find(string name) =>
        name.Split('.') is [var schema, var table] && server.FindTable(schema, table) is { HasKit: true } found
            ? found
            : throw new PostgrestFailure(404, "42P01", "agent_sync: the table is not enabled");
}
