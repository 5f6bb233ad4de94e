using System.Text;
using Agent.Sync.Testing.Postgrest;
using Agent.Sync.Testing.Postgrest.Rows;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.Testing;

public sealed partial class PostgrestDouble
{
    private const string KitSchema = "agent_sync";
    private const string FunctionRoot = RestRoot + "rpc/";

    private readonly SortedDictionary<long, WriteScope> _open = [];
    private readonly ModelLedger _ledger = new();

    private long _begun = 999;
    private long _ended = 999;

    /// <summary>Gets the id above which nothing has ended, PostgreSQL's <c>xmax</c> of a snapshot.</summary>
    internal long Next => _ended + 1;

    /// <summary>Gets the transaction that holds the horizon back; null when none does, since nothing above it has ended.</summary>
    internal WriteScope? Holder => _open.Count > 0 && _open.First().Value is var oldest && oldest.Id < Next ? oldest : null;

    /// <summary>Gets the id below which nothing can appear any more.</summary>
    internal long Horizon => Holder?.Id ?? Next;

    internal PostgrestTable? FindTable(string schema, string name) => _tables.GetValueOrDefault((schema, name));

    /// <summary>Begins a transaction that is over before anybody else may look.</summary>
    internal WriteScope BeginWrite()
    {
        var scope = Begin();
        End(scope);
        return scope;
    }

    /// <summary>Begins a transaction that holds the horizon back until it is closed.</summary>
    internal WriteScope Open()
    {
        lock (Gate)
        {
            var scope = Begin();
            _open.Add(scope.Id, scope);
            return scope;
        }
    }

    internal void Close(WriteScope scope)
    {
        _open.Remove(scope.Id);
        End(scope);
    }

    private WriteScope Begin() => new(++_begun, NowMicroseconds);

    private void End(WriteScope scope) => _ended = Math.Max(_ended, scope.Id);

    internal PostgrestTable AddTombstones(PostgrestTable table, Dataset sequenced, IEnumerable<DatasetColumn> kept)
    {
        var name = table.Schema == "public" ? table.Name : $"{table.Schema}_{table.Name}";
        var tombstones = new PostgrestTable(this, sequenced.Tombstones(KitSchema, name));
        tombstones.BecomeTombstonesOf(table, kept);
        _tables.Add((KitSchema, name), tombstones);
        return tombstones;
    }

    private ModelAnswer AskModel(RecordedRequest request)
    {
        try
        {
            if (string.IsNullOrEmpty(request.Header("apikey")))
            {
                throw new PostgrestFailure(401, "no_api_key", "No API key found in request");
            }

            if (Encoding.UTF8.GetByteCount(request.Body) > MaxBodyBytes)
            {
                // What stands in front of PostgREST refuses it, and speaks no JSON.
                return new ModelAnswer(413, "<html>413 Request Entity Too Large</html>"u8.ToArray()) { ContentType = "text/html" };
            }

            if (request is { Method: "POST", Path: "/auth/v1/token" })
            {
                return _auth.Answer(request);
            }

            return request.Path.StartsWith(RestRoot, StringComparison.Ordinal)
                ? Forward(AskRest(request))
                : throw new PostgrestFailure(404, "PGRST125", "Invalid path specified in request URL");
        }
        catch (PostgrestFailure failure)
        {
            return new ModelAnswer(failure.Status, JsonText.Error(failure.Code, failure.Message))
            {
                IsNeverSent = failure.Code == PostgrestStatus.NeverAnswered,
                Headers = new Dictionary<string, string> { ["Proxy-Status"] = $"PostgREST; error={failure.Code}" },
            };
        }
    }

    /// <summary>Lets an answer through the proxy in front, which does not take headers of any length.</summary>
    private ModelAnswer Forward(ModelAnswer answer) =>
        answer.Headers.Sum(static header => header.Key.Length + header.Value.Length + ": \r\n".Length) > MaxHeaderBytes
            ? new ModelAnswer(502, "<html>502 Bad Gateway</html>"u8.ToArray()) { ContentType = "text/html" }
            : answer;

    private ModelAnswer AskRest(RecordedRequest request)
    {
        var token = Authenticate(request.Header("Authorization"));
        if (IsInRecovery && request.Method != "GET")
        {
            throw new PostgrestFailure(400, "0A000", "cannot set transaction read-write mode during recovery");
        }

        var schema = request.Header(request.Method == "GET" ? "Accept-Profile" : "Content-Profile") ?? "public";
        if (request.Path.StartsWith(FunctionRoot, StringComparison.Ordinal))
        {
            return AskFunction(request, schema, request.Path[FunctionRoot.Length..], token);
        }

        if (!_tables.TryGetValue((schema, Uri.UnescapeDataString(request.Path[RestRoot.Length..])), out var table))
        {
            throw Missing(schema);
        }

        return request.Method switch
        {
            "GET" => new ModelReader(this, table).Read(request, token),
            "POST" or "PATCH" or "DELETE" => new ModelWriter(this, table, token).Write(request),
            _ => throw new PostgrestFailure(405, "PGRST117", "Unsupported HTTP method"),
        };
    }

    private ModelAnswer AskFunction(RecordedRequest request, string schema, string name, DoubleToken? token)
    {
        if (schema != KitSchema || !_tables.Values.Any(static table => table.HasKit) || request.Method != "POST" || name is not ("horizon" or "push"))
        {
            throw new PostgrestFailure(404, "PGRST202", "Could not find the function in the schema cache");
        }

        if (token is null)
        {
            throw new PostgrestFailure(401, "42501", $"permission denied for function {name}");
        }

        return name == "horizon" ? new ModelHorizon(this).Answer(request) : new ModelPush(this, _ledger, token).Answer(request);
    }

    private PostgrestFailure Missing(string schema) =>
        schema == "public" || _tables.Keys.Any(key => key.Schema == schema)
            ? new PostgrestFailure(404, "PGRST205", "Could not find the table in the schema cache")
            : new PostgrestFailure(406, "PGRST106", "Invalid schema");

    private DoubleToken? Authenticate(string? authorization)
    {
        if (authorization is null)
        {
            return null;
        }

        if (!authorization.StartsWith("Bearer ", StringComparison.Ordinal) || DoubleToken.Read(authorization["Bearer ".Length..]) is not { } token)
        {
            throw new PostgrestFailure(401, "PGRST301", "JWT could not be decoded");
        }

        if (token.Expires + TokenSkew < ServerTime)
        {
            throw new PostgrestFailure(401, "PGRST303", "JWT expired");
        }

        return Roles.Contains(token.Role) ? token : throw new PostgrestFailure(401, "22023", "role does not exist");
    }
}
