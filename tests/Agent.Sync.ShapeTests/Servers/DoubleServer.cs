using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;
using Agent.Sync.Testing;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>A shape's tables in the double, which has no triggers: what a request changed is told by comparing the rows around it.</summary>
internal sealed class DoubleServer : IShapeServer
{
    private static readonly TimeSpan StepLength = TimeSpan.FromSeconds(1);
    private static readonly string User = Guid.NewGuid().ToString();

    private readonly VirtualTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly PostgrestDouble _server;
    private readonly Shape _shape;
    private readonly Dictionary<string, PostgrestTable> _tables = [];
    private readonly Dictionary<string, Dictionary<string, Row>> _known = [];
    private readonly List<AuditEntry> _entries = [];

    public DoubleServer(Shape shape)
    {
        _shape = shape;
        _server = new PostgrestDouble(_clock);
        foreach (var shaped in shape.Tables)
        {
            var table = _tables[shaped.Name] = _server.AddTable(shaped.ToDataset(static _ => true));
            table.AddNotNull([.. shaped.Columns.Where(static column => column is { IsRequired: true, IsWritten: true }).Select(static column => column.Name)]);
            foreach (var column in shaped.Columns.Where(static column => column.IsUnique))
            {
                table.AddUnique($"{shaped.Name}_{column.Name}_key", column.Name);
            }

            foreach (var column in shaped.Columns.Where(static column => column.RefusedWith is not null))
            {
                table.AddCheck($"{shaped.Name}_{column.Name}_check", json => RowJson.Read(shaped, json)[column.Name] == ShapeColumn.Poison ? column.RefusedWith : null);
            }

            if (shaped.Reference is { } reference)
            {
                table.AddForeignKey($"{shaped.Name}_{reference.Name}_fkey", reference.Name, _tables[shaped.Target!.Name]);
            }

            if (shape.Kit)
            {
                table.EnableKit();
            }

            _known[shaped.Name] = [];
        }
    }

    public Uri Url => PostgrestDouble.Url;

    public string ApiKey => PostgrestDouble.ApiKey;

    public AccessToken TokenOf(int device) => new(_server.CreateToken(User));

    public HttpMessageHandler HandlerOf(int device) => new AuditingHandler(this, device);

    public Task<bool> WriteAsync(IReadOnlyList<RowWrite> writes)
    {
        _clock.Advance(StepLength);
        if (!ConstraintCheck.Allows(_shape, _known, writes))
        {
            return Task.FromResult(false);
        }

        var transaction = _server.BeginTransaction();
        foreach (var write in writes)
        {
            var table = _tables[write.Table.Name];
            string[] key = write.Key is null ? [] : [.. write.Table.Keys.Select(column => write.Key[column.Name]!)];
            if (write.Key is null)
            {
                transaction.Insert(table, RowJson.Write(write.Table, write.Values!));
            }
            else if (write.Values is null)
            {
                transaction.Delete(table, key);
            }
            else
            {
                transaction.Update(table, RowJson.Write(write.Table, write.Values), key);
            }
        }

        var taken = true;
        try
        {
            transaction.Commit();
        }
        catch (ArgumentException)
        {
            taken = false;
        }

        Compare(0);
        return Task.FromResult(taken);
    }

    public Task<bool> AcceptsAsync(RowWrite write) => Task.FromResult(ConstraintCheck.Allows(_shape, _known, [write]));

    public Task<IReadOnlyList<Row>> ReadAsync(ShapeTable table) =>
        Task.FromResult<IReadOnlyList<Row>>([.. _tables[table.Name].VisibleRows(User).Select(json => RowJson.Read(table, json))]);

    public Task<IReadOnlyList<AuditEntry>> AuditAsync() => Task.FromResult<IReadOnlyList<AuditEntry>>([.. _entries]);

    public ValueTask DisposeAsync()
    {
        _server.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Compare(int device)
    {
        foreach (var shaped in _shape.Tables)
        {
            var before = _known[shaped.Name];
            var after = _tables[shaped.Name].VisibleRows(User).Select(json => RowJson.Read(shaped, json)).ToDictionary(row => row.KeyOf(shaped)!, StringComparer.Ordinal);
            foreach (var key in before.Keys.Union(after.Keys))
            {
                var (old, now) = (before.GetValueOrDefault(key), after.GetValueOrDefault(key));
                if (old is null || now is null || old.Any(pair => pair.Value != now[pair.Key]))
                {
                    _entries.Add(new AuditEntry(_entries.Count + 1, device, shaped.Name, key, old, now));
                }
            }

            _known[shaped.Name] = after;
        }
    }

    /// <summary>Requests come one after the other: a run of a double completes each on the caller's thread.</summary>
    private sealed class AuditingHandler(DoubleServer server, int device) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(server._server, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            server._clock.Advance(StepLength);
            var response = await _inner.SendAsync(request, cancellationToken);
            if (request.Method != HttpMethod.Get)
            {
                lock (server._entries)
                {
                    server.Compare(device);
                }
            }

            return response;
        }

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
