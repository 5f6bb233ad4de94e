using System.Reflection;
using Agent.Sync.Generators;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Agent.Sync.EntityFrameworkCore;

/// <summary>Makes the dataset of one entity type, and collects what is wrong with it.</summary>
internal sealed class EntityDataset(IEntityType entity, List<string> faults)
{
    /// <summary>What the SQL kit adds to a table. A model may have it, so that a rebuild of the table keeps it.</summary>
    private const string KitColumn = "sync_seq";

    private readonly SyncTableAttribute? _attribute = entity.ClrType.GetCustomAttribute<SyncTableAttribute>(inherit: false);

    private string Name => entity.DisplayName();

    public Dataset? Read(Action<IEntityType, DatasetBuilder>? configure)
    {
        var before = faults.Count;
        if (FindTable() is not { PrimaryKey: { } key } table || Try(Name, () => Define(table)) is not { } builder)
        {
            return null;
        }

        var columns = table.Columns.Where(column => !IsLeftOut(column, key)).Select(column => new SyncedColumn(entity, column)).ToList();
        foreach (var column in key.Columns.Select(part => columns.First(column => column.Column == part)))
        {
            Add(builder, column, isKey: true);
        }

        foreach (var column in columns.Where(column => !key.Columns.Contains(column.Column)).OrderBy(static column => column.Place))
        {
            Add(builder, column, isKey: false);
        }

        if (!columns.Exists(static column => column.Role == SyncRole.UpdatedAt))
        {
            faults.Add($"{Name} has no update timestamp: add a DateTimeOffset called UpdatedAt, or mark another one with IsSyncUpdatedAt().");
        }

        if (faults.Count > before)
        {
            return null;
        }

        configure?.Invoke(entity, builder);
        return Try(Name, builder.Build);
    }

    private ITable? FindTable()
    {
        var tables = entity.GetDerivedTypesInclusive().SelectMany(static type => type.GetTableMappings()).Select(static mapping => mapping.Table).Distinct().ToList();
        if (tables is [var table])
        {
            if (table.PrimaryKey is null)
            {
                faults.Add($"{Name} has no primary key, by which the server's rows find the local ones: give it one.");
            }

            return table;
        }

        faults.Add(tables.Count == 0
            ? $"{Name} is not mapped to a table: map it to one, or do not sync it."
            : $"{Name} and the types derived from it are in several tables ({string.Join(", ", tables.Select(static table => table.Name))}): keep them in one (UseTphMappingStrategy), or sync types that are not derived.");
        return null;
    }

    private DatasetBuilder Define(ITable table)
    {
        var remote = Given(SyncAnnotations.Table) ?? _attribute?.Name ?? (_attribute is null ? SnakeCase.Of(table.Name) : SnakeCase.Of(entity.ClrType.Name));
        var builder = Dataset.Define(remote).ToTable(table.Name);
        if ((Given(SyncAnnotations.Schema) ?? _attribute?.Schema) is { } schema)
        {
            builder.InSchema(schema);
        }

        if ((Given(SyncAnnotations.Dataset) ?? _attribute?.Dataset) is { } dataset)
        {
            builder.Named(dataset);
        }

        return builder;
    }

    private string? Given(string annotation) => entity.Text(annotation) is { Length: > 0 } text ? text : null;

    private bool IsLeftOut(IColumn column, IPrimaryKeyConstraint key) =>
        !key.Columns.Contains(column)
        && (column.ComputedColumnSql is not null || string.Equals(column.Name, KitColumn, StringComparison.OrdinalIgnoreCase) || new SyncedColumn(entity, column).Role == SyncRole.Ignored);

    private void Add(DatasetBuilder builder, SyncedColumn column, bool isKey)
    {
        if (column.FindType(out var fault) is not { } type)
        {
            faults.Add($"{Name}.{fault}");
            return;
        }

        if (column.Role is SyncRole.UpdatedAt or SyncRole.DeletedAt && type != ColumnType.Timestamptz)
        {
            faults.Add($"{Name}.{column.Name} is a timestamp of the server's, a timestamptz: make it a DateTimeOffset{(column.Role == SyncRole.DeletedAt ? "?" : "")}, without a conversion.");
            return;
        }

        if (column.Role == SyncRole.Version && type != ColumnType.Integer)
        {
            faults.Add($"{Name}.{column.Name} is the version, which the server counts: make it a long.");
            return;
        }

        Try($"{Name}.{column.Name}", () => (isKey, column.Role) switch
        {
            (true, _) => builder.Key(column.Remote, type, column.Column.Name),
            (_, SyncRole.UpdatedAt) => builder.UpdatedAt(column.Remote, column.Column.Name),
            (_, SyncRole.Version) => builder.Version(column.Remote, column.Column.Name),
            (_, SyncRole.DeletedAt) => builder.DeletedAt(column.Remote, column.DeleteHandling, column.Column.Name),
            (_, _) when column.IsServerOwned => builder.Column(column.Remote, type, column.Column.Name).ServerOwned(column.Remote),
            _ => builder.Column(column.Remote, type, column.Column.Name),
        });
    }

    private T? Try<T>(string what, Func<T> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            faults.Add($"{what}: {exception.Message}");
            return null;
        }
    }
}
