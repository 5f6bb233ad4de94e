using Agent.Sync.ShapeTests.Dressing;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>Carries out the steps of a history.</summary>
internal sealed class HistoryRunner(ShapeRun run)
{
    /// <summary>Gives the server its first rows, and some devices tables of the app's own.</summary>
    public async Task BeginAsync()
    {
        var random = new Random(run.Shape.Seed ^ 0xbe61);
        foreach (var table in run.Shape.Tables)
        {
            for (var count = 0; count < run.Shape.FirstRows; count++)
            {
                await ServerWriteAsync(0, [(await ServerEditsAsync(table, random)).Insert(new Row())]);
            }
        }

        foreach (var device in run.Devices)
        {
            foreach (var table in run.Shape.Tables.Where(_ => random.Next(2) == 0))
            {
                await DressAsync(device, 0, AppTables.Create(table, device, random));
            }
        }
    }

    public async Task RunAsync(Step step)
    {
        var random = new Random(step.Seed);
        var device = run.Devices[step.Device - 1];
        var table = random.Pick(run.Shape.Tables);
        var present = await device.File.ColumnsAsync(table);
        switch (step.Kind)
        {
            case StepKind.Sync:
                var direction = random.Chance(8) ? (SyncDirection)random.Next(3) : default;
                await run.SyncAsync(device, $"{step.Number}.{(direction == default ? "" : $" ({direction})")}", KillSwitch.Never, new SyncRequest { Direction = direction });
                break;
            case StepKind.KilledSync:
                using (var kill = new KillSwitch((KillPoint)random.Next(1, 7), random.Next(1, 12)) { Meanwhile = () => EditMeanwhileAsync(step, device, table, random) })
                {
                    await run.SyncAsync(device, $"{step.Number}.", kill);
                }

                break;
            case StepKind.FullResync:
                await run.SyncAsync(device, $"{step.Number}. (full)", KillSwitch.Never, new SyncRequest { FullResync = true });
                break;
            case StepKind.ServerEdit:
                await ServerWriteAsync(step.Number, (await ServerEditsAsync(table, random)).Next());
                break;
            case StepKind.Status:
                await device.UseAsync(KillSwitch.Never, static engine => engine.GetStatusAsync());
                if (present.Count == 0 && await device.File.HasTableAsync(table))
                {
                    throw new ShapeFailureException("status only looks", $"{step.Number}. device {device.Number}: a status made the table {table.Name}");
                }

                break;
            case StepKind.Retry or StepKind.Discard:
                await DecideAsync(device, step);
                break;
            default:
                if (present.Count > 0)
                {
                    await ChangeAsync(step, device, table, present, random);
                }

                break;
        }
    }

    private async Task ChangeAsync(Step step, ShapeDevice device, ShapeTable table, IReadOnlyList<string> present, Random random)
    {
        switch (step.Kind)
        {
            case StepKind.Edit when device.HasSynced || run.Shape.WritesBeforeFirstSync:
                await run.EditAsync(device, step.Number, await DrawEditAsync(device, table, present, random));
                break;
            case StepKind.CreateIndex when AppIndexes.Create(table, present, random) is { } index:
                await DressAsync(device, step.Number, index);
                break;
            case StepKind.CreateTrigger:
                await DressAsync(device, step.Number, [.. AppTriggers.Create(table, device, present, random)]);
                break;
            case StepKind.Rebuild:
                List<string> lost = [];
                if (await DressAsync(device, step.Number, [.. await AppTables.RebuildAsync(table, device, random, lost)]))
                {
                    device.Rebuilt.Add(table.Name);
                    device.WithoutRowid.Remove(table.Name);
                    device.Unrecorded.Add(table.Name);
                    lost.ForEach(column => Forget(device, table, column));
                }

                break;
            case StepKind.RenameColumn or StepKind.DropColumn when OptionalColumn(device, table, random) is { } column && await device.File.AllowsNullAsync(table, column.LocalName):
                var change = step.Kind == StepKind.DropColumn ? $"drop column {Sql.Quote(column.LocalName)}" : $"rename column {Sql.Quote(column.LocalName)} to \"renamed_{step.Number}\"";
                if (await DressAsync(device, step.Number, new LocalStatement($"alter table \"{table.Name}\" {change}")))
                {
                    Forget(device, table, column.Name);
                }

                break;
            case StepKind.AddColumn:
                await DressAsync(device, step.Number, new LocalStatement($"alter table \"{table.Name}\" add column app_{step.Number} text default 'mine'"));
                break;
            case StepKind.DeclareColumn when table.Columns.FirstOrDefault(column => column is { Role: ColumnRole.Plain } && !device.Declares(column)) is { } column:
                run.Note($"{step.Number}. device {device.Number}: the dataset of {table.Name} declares {column.Name}");
                device.Declare(column);
                if (!present.Contains(column.LocalName) && random.Next(2) == 0)
                {
                    await DressAsync(device, step.Number, AppTables.Add(table, device, column));
                }

                break;
            case StepKind.LeaveColumnOut when OptionalColumn(device, table, random) is { } column:
                run.Note($"{step.Number}. device {device.Number}: the dataset of {table.Name} no longer declares {column.Name}");
                device.LeaveOut(column);
                // No run ever knew of the column, so nothing can say that an edit of it waits; or the edit was made since a rebuild, and nothing compares the column any more.
                Forget(device, table, column.Name, device.HasSynced);

                break;
            default:
                break;
        }
    }

    private async Task EditMeanwhileAsync(Step step, ShapeDevice device, ShapeTable table, Random random)
    {
        if (device.HasSynced && await device.File.ColumnsAsync(table) is { Count: > 0 } present)
        {
            await run.EditAsync(device, step.Number, await DrawEditAsync(device, table, present, random));
        }
    }

    private static ShapeColumn? OptionalColumn(ShapeDevice device, ShapeTable table, Random random)
    {
        var columns = table.Columns.Where(column => column.Role == ColumnRole.Plain && device.Declares(column)).ToList();
        return columns.Count == 0 ? null : random.Pick(columns);
    }

    private async Task<IReadOnlyList<LocalStatement>> DrawEditAsync(ShapeDevice device, ShapeTable table, IReadOnlyList<string> present, Random random) => new DeviceEdits(device, table, random)
    {
        Columns = [.. table.Columns.Where(column => column.IsWritten && device.Declares(column) && present.Contains(column.LocalName, StringComparer.OrdinalIgnoreCase))],
        Rows = await device.File.RawRowsAsync(table),
        Parents = table.Target is { } parent ? [.. (await device.File.RowsAsync(parent)).Select(row => row.KeyOf(parent))] : [],
    }.Next();

    private async Task<ServerEdits> ServerEditsAsync(ShapeTable table, Random random) => new(run.Shape, table, random)
    {
        Rows = await run.Server.ReadAsync(table),
        Parents = table.Target is { } parent ? [.. (await run.Server.ReadAsync(parent)).Select(row => row.KeyOf(parent))] : [],
    };

    private async Task ServerWriteAsync(int step, IReadOnlyList<RowWrite> writes)
    {
        var taken = await run.Server.WriteAsync(writes);
        run.Note($"{step}. server: {string.Join("; ", writes)}{(taken ? "" : " => refused")}");
    }

    private async Task<bool> DressAsync(ShapeDevice device, int step, params IReadOnlyList<LocalStatement> statements)
    {
        var refusal = await device.File.RunAsync(statements);
        run.Note($"{step}. device {device.Number}: {string.Join("; ", statements)}{(refusal is null ? "" : $" => refused: {refusal}")}");
        return refusal is null;
    }

    /// <summary>The app itself took the values away, or out of the dataset: what was edited there is its loss.</summary>
    private void Forget(ShapeDevice device, ShapeTable table, string column, bool unrecordedAlone = false)
    {
        foreach (var edit in run.Edits.Where(edit => edit.Device == device.Number && edit.Table == table.Name && (edit.IsUnrecorded || !unrecordedAlone)))
        {
            edit.Forgotten.Add(column);
        }
    }

    private async Task DecideAsync(ShapeDevice device, Step step)
    {
        IReadOnlyList<KeptChange> kept;
        try
        {
            kept = (await run.NamedAsync(device)).Kept;
        }
        catch (SyncSchemaException exception) when (exception.Kind == SyncErrorKind.LocalSchema && device.DeclareAgain())
        {
            run.Note($"{step.Number}. device {device.Number}: {exception.Message} The datasets declare again what they left out");
            return;
        }

        if (kept.All(static change => change.Change.State != ChangeState.Quarantined))
        {
            return;
        }

        foreach (var table in run.Shape.Tables)
        {
            await device.UseAsync(KillSwitch.Never, engine => step.Kind == StepKind.Retry ? engine.RetryChangesAsync(table.Name) : engine.DiscardChangesAsync(table.Name));
        }

        run.Note($"{step.Number}. device {device.Number}: {step.Kind} all");
        if (step.Kind == StepKind.Retry)
        {
            device.Asked.UnionWith(kept.Where(static change => change.IsUnrecorded).Select(static change => (change.Table, change.Key)));
            foreach (var edit in run.Edits.Where(edit => edit.Device == device.Number && kept.Any(change => change.Change.Code == "column_gone" && change.Table == edit.Table && change.Key == edit.Key)))
            {
                // The user sends the row without the column.
                edit.Forgotten.UnionWith(run.Shape.Tables.First(table => table.Name == edit.Table).Columns.Where(column => !device.Declares(column)).Select(static column => column.Name));
            }
        }

        if (step.Kind == StepKind.Discard)
        {
            await run.DiscardAsync(device, [.. kept.Where(static change => change.Change.State == ChangeState.Quarantined)]);
        }
    }
}
