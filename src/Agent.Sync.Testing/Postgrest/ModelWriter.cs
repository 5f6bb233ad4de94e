using System.Text;
using System.Text.Json;
using Agent.Sync.Testing.Postgrest.Rows;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Answers a write to a table from the model: the whole request in one transaction, or nothing of it.</summary>
internal sealed class ModelWriter(PostgrestDouble server, PostgrestTable table, DoubleToken? token)
{
    private int _inserted;

    public ModelAnswer Write(RecordedRequest request)
    {
        RequireGrant();
        var query = new QueryParser(table).Parse(request.Query, isWrite: true);
        var prefer = (request.Header("Prefer") ?? string.Empty).Split(',', StringSplitOptions.TrimEntries);
        var scope = server.BeginWrite();
        var writer = new RowWriter(table, scope, token?.Subject);
        try
        {
            var rows = request.Method switch
            {
                "POST" => Insert(writer, query, ReadBody(request.Body, query), prefer),
                "PATCH" => Update(writer, query, ReadBody(request.Body, query)),
                _ => Delete(writer, query),
            };
            return Answer(StatusOf(request.Method, prefer), rows, query, prefer.Contains("return=representation"));
        }
        catch (PostgrestFailure)
        {
            scope.Rollback();
            throw;
        }
    }

    private static bool HasKeyOf(Dictionary<string, byte[]> row, IEnumerable<string> key) => key.All(row.ContainsKey);

    private void RequireGrant()
    {
        if (token is null || !table.IsWritable)
        {
            throw new PostgrestFailure(token is null ? 401 : 403, "42501", $"permission denied for table {table.Name}");
        }
    }

    private List<Dictionary<string, byte[]>> ReadBody(string body, TableQuery query)
    {
        using var document = Parse(body, isNamed: query.Columns is not null);
        JsonElement[] rows = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : [document.RootElement];
        var read = rows.Select(static row => row.EnumerateObject().ToDictionary(static item => item.Name, static item => Encoding.UTF8.GetBytes(item.Value.GetRawText()))).ToList();
        if (query.Columns is null && read.Exists(row => !row.Keys.ToHashSet().SetEquals(read[0].Keys)))
        {
            throw new PostgrestFailure(400, "PGRST102", "All object keys must match");
        }

        // columns= decides what is written: what a row lacks is null, what it has besides is left out.
        var columns = query.Columns ?? (read.Count == 0 ? [] : [.. read[0].Keys]);
        if (columns.FirstOrDefault(name => !table.Columns.Any(column => column.Name == name)) is { } unknown)
        {
            throw new PostgrestFailure(400, "PGRST204", $"Could not find the '{unknown}' column of '{table.Name}' in the schema cache");
        }

        return [.. read.Select(row => columns.ToDictionary(static name => name, name => row.GetValueOrDefault(name) ?? "null"u8.ToArray()))];
    }

    private static JsonDocument Parse(string body, bool isNamed)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            // With columns= PostgREST leaves the body to the database.
            throw isNamed ? new PostgrestFailure(400, "22P02", "invalid input syntax for type json") : new PostgrestFailure(400, "PGRST102", "Empty or invalid json");
        }
    }

    private List<TableRow> Insert(RowWriter writer, TableQuery query, List<Dictionary<string, byte[]>> sent, string[] prefer)
    {
        var merges = prefer.Contains("resolution=merge-duplicates");
        var ignores = prefer.Contains("resolution=ignore-duplicates");
        if (query.OnConflict is { } target && !target.SequenceEqual(table.KeyColumns))
        {
            throw new PostgrestFailure(400, "42P10", "there is no unique or exclusion constraint matching the ON CONFLICT specification");
        }

        var rows = new List<TableRow>();
        foreach (var values in sent)
        {
            var old = HasKeyOf(values, table.KeyColumns) ? writer.Find(values) : null;
            if (old is null)
            {
                rows.Add(writer.Insert(values));
                _inserted++;
                continue;
            }

            writer.Propose(values);
            if (merges)
            {
                rows.Add(Merge(writer, rows, old, values));
            }
            else if (!ignores)
            {
                throw new PostgrestFailure(409, "23505", "the key is there already") { Constraint = $"{table.Name}_pkey" };
            }
        }

        return rows;
    }

    private static TableRow Merge(RowWriter writer, List<TableRow> written, TableRow old, Dictionary<string, byte[]> values)
    {
        if (written.Contains(old))
        {
            throw new PostgrestFailure(500, "21000", "ON CONFLICT DO UPDATE command cannot affect row a second time");
        }

        return writer.IsVisible(old) ? writer.Update(old, values) : throw RowWriter.Refused();
    }

    private List<TableRow> Update(RowWriter writer, TableQuery query, List<Dictionary<string, byte[]>> sent) =>
        sent is [var values]
            ? [.. Matching(writer, query).Select(old => writer.Update(old, values))]
            : throw new PostgrestFailure(400, "PGRST102", "One object is needed");

    private List<TableRow> Delete(RowWriter writer, TableQuery query)
    {
        var rows = Matching(writer, query);
        rows.ForEach(writer.Delete);
        return rows;
    }

    private List<TableRow> Matching(RowWriter writer, TableQuery query) => [.. table.Rows.Where(row => writer.IsVisible(row) && query.Matches(row))];

    private int StatusOf(string method, string[] prefer)
    {
        // An upsert that inserted nothing has created nothing.
        var hasOnlyMerged = prefer.Contains("resolution=merge-duplicates") && _inserted == 0;
        return method == "POST" && !hasOnlyMerged ? 201 : method == "POST" || prefer.Contains("return=representation") ? 200 : 204;
    }

    private ModelAnswer Answer(int status, List<TableRow> rows, TableQuery query, bool isRepresented)
    {
        var headers = new Dictionary<string, string> { ["Content-Range"] = "*/*", ["Content-Profile"] = table.Schema };

        // max-rows never cuts what a write answers.
        return isRepresented
            ? new ModelAnswer(status, RowRendering.Write(table, rows, query.Select)) { Headers = headers }
            : new ModelAnswer(status, ReadOnlyMemory<byte>.Empty) { ContentType = null, Headers = headers };
    }
}
