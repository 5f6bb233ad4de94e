using System.Globalization;
using Agent.Sync.Testing.Postgrest;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing;

public sealed partial class PostgrestTable
{
    private const string Sequence = "sync_seq";

    private PostgrestTable? _tombstones;
    private string[] _kept = [];
    private long _generation;
    private long _minRetained;

    /// <summary>Gets a value indicating whether the SQL kit is enabled for this table.</summary>
    public bool HasKit => _tombstones is not null;

    internal KitEntry Kit => new(
        string.Create(CultureInfo.InvariantCulture, $"{_generation:x32}"), _minRetained, _tombstones!.Name, KeyColumns, _tombstones._columns.Select(static column => column.Name));

    /// <summary>
    /// Enables the SQL kit: rows are stamped with their transaction's id, deleted and departing rows leave tombstones, and the double answers
    /// the kit's two functions. Set <see cref="OwnerColumn"/> before.
    /// </summary>
    /// <returns>This table.</returns>
    /// <exception cref="InvalidOperationException">It is enabled already.</exception>
    public PostgrestTable EnableKit()
    {
        lock (_server.Gate)
        {
            if (HasKit)
            {
                throw new InvalidOperationException($"The SQL kit is enabled for table '{Name}' already.");
            }

            AddColumn(Sequence, ColumnType.Integer);
            var ordinal = OrdinalOf(Sequence);
            foreach (var row in _rows.Values)
            {
                (row.Json[ordinal], row.Values[ordinal]) = (Number(0), 0L);
            }

            _generation = 1;
            _kept = [.. _dataset.Filters.Select(static filter => filter.Column).Append(OwnerColumn).OfType<string>().Except(_key).Distinct(StringComparer.Ordinal)];
            _tombstones = _server.AddTombstones(this, _dataset.Sequenced(), _kept.Select(name => _columns[OrdinalOf(name)]));
        }

        return this;
    }

    /// <summary>Gives the table another epoch, as a restored database has: every position that was read before is void.</summary>
    public void ChangeEpoch()
    {
        lock (_server.Gate)
        {
            _generation++;
        }
    }

    /// <summary>Removes every tombstone, as retention does: who has not read them must read everything again.</summary>
    public void PruneTombstones()
    {
        lock (_server.Gate)
        {
            _tombstones!._rows.Clear();
            _tombstones._sorted.Clear();
            _minRetained = _server.Horizon;
        }
    }

    /// <summary>Sets up the table of another one's tombstones, whose policies it has too.</summary>
    internal void BecomeTombstonesOf(PostgrestTable table, IEnumerable<DatasetColumn> kept)
    {
        foreach (var column in kept)
        {
            AddColumn(column.Name, column.Type);
        }

        // One per key and owner: a row that changed hands left a tombstone with each.
        _key = [.. _key, .. table._kept];
        OwnerColumn = table.OwnerColumn;
    }

    /// <summary>Per row the stamp rises, also when a transaction that began earlier writes last; and it is never below the writer's id.</summary>
    private TableRow StampSequence(WriteScope scope, TableRow? old, TableRow row)
    {
        if (!HasKit)
        {
            return row with { Writer = scope.Id };
        }

        var ordinal = OrdinalOf(Sequence);
        var stamp = old is null ? Math.Max(scope.Id, BuriedAt(row))
            : old.Writer == scope.Id ? Math.Max(scope.Id, SequenceOf(old))
            : Math.Max(scope.Id, SequenceOf(old) + 1);
        var stamped = new TableRow([.. row.Json], [.. row.Values], scope.Id);
        (stamped.Json[ordinal], stamped.Values[ordinal]) = (Number(stamp), stamp);
        return stamped;
    }

    /// <summary>Returns the stamp of the tombstone that a new row replaces, which it may not be below; 0 for none.</summary>
    private long BuriedAt(TableRow row) =>
        _tombstones!.Rows.Where(tombstone => _dataset.KeyOrdinals.Select(ordinal => _dataset.Columns[ordinal].Name).All(name =>
                tombstone.Json[_tombstones.OrdinalOf(name)].AsSpan().SequenceEqual(row.Json[OrdinalOf(name)])))
            .Select(_tombstones.SequenceOf).DefaultIfEmpty().Max();

    private long SequenceOf(TableRow row) => (long)(row.Values[OrdinalOf(Sequence)] ?? 0L);

    private void BuryInserted(WriteScope scope, TableRow row)
    {
        if (HasKit)
        {
            _tombstones!.Set(scope, _tombstones.KeyOf(ValuesOf(row)), null);
        }
    }

    private void BuryUpdated(WriteScope scope, TableRow old, TableRow row)
    {
        if (HasKit)
        {
            BuryInserted(scope, row);
            if (_tombstones!._key.Any(name => !row.Json[OrdinalOf(name)].AsSpan().SequenceEqual(old.Json[OrdinalOf(name)])))
            {
                Bury(scope, old, SequenceOf(row));
            }
        }
    }

    private void BuryDeleted(WriteScope scope, TableRow old)
    {
        if (HasKit)
        {
            Bury(scope, old, Math.Max(scope.Id, SequenceOf(old) + 1));
        }
    }

    private void Bury(WriteScope scope, TableRow old, long stamp)
    {
        var values = ValuesOf(old).Where(value => _tombstones!._columns.Exists(column => column.Name == value.Key)).ToDictionary();
        values[Sequence] = Number(stamp);
        var tombstone = _tombstones!.MakeRow(values);
        _tombstones.Set(scope, _tombstones.KeyOf(tombstone), tombstone);
    }
}
