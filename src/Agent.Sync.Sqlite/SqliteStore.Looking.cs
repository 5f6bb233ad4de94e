using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Outbox;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public ValueTask<StoredRow?> FindRowAsync(Dataset dataset, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(key);
        return _connection.Look<StoredRow?>(
            dataset.Name, session => new RowFinder(session.Database, dataset, session.Options.UuidFormat).Find(key), nothing: new StoredRow(default, []), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(datasets);
        var tables = await _connection.Look<IReadOnlyList<Finding>>(
            dataset: null,
            session => [.. datasets.SelectMany(dataset => new LocalDiagnosis(session.Database, session.Options, dataset).Run())],
            nothing: [new Finding { Code = FindingCodes.LocalTable, Severity = FindingSeverity.Ok, What = "The local file is not there yet: the first sync makes it." }],
            cancellationToken).ConfigureAwait(false);
        return [.. tables, DiskSpace.Look(_connection.Path)];
    }
}
