using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Pull;

namespace Agent.Sync.Doctor;

/// <summary>Looks at one table as a sync would read it.</summary>
internal sealed class TableCheck(
    CheckupParts parts, FindingList list, ClockCheck clock, PostgrestSession session, Dataset dataset, KitDataset? kit, int maxDepth)
{
    /// <summary>Enough to see a value of most columns, and little to carry.</summary>
    private const int SampleRows = 5;

    private const int LargestPage = 1_000;

    private const string SchemaReload = "notify pgrst, 'reload schema';";

    private readonly string _name = $"\"{dataset.Schema}\".\"{dataset.RemoteTable}\"";

    /// <summary>Gets a value indicating whether PostgREST has answered. A refusal is an answer.</summary>
    public bool WasAnswered { get; private set; }

    /// <returns>False when the whole project is out of reach, which was reported.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var rows = kit is { Failure: null } ? kit.Rows : dataset;
        var started = parts.Seams.Time.GetTimestamp();
        PageAnswer? sample = null;
        try
        {
            sample = await session.GetPageAsync(new PageQuery(rows, PageOrder.Cursor, After: null, SampleRows), cancellationToken).ConfigureAwait(false);
            var elapsed = parts.Seams.Time.GetElapsedTime(started);
            WasAnswered = true;
            clock.Compare(sample.ServerTime);
            CheckSample(rows, sample.Page);
            if (!ReferenceEquals(rows, dataset))
            {
                list.Ok(FindingCodes.Stamps, dataset, "The SQL kit stamps every write.");
            }
            else
            {
                list.Unknown(FindingCodes.Stamps, dataset, "Whether every update moves the update timestamp shows only in the database's catalog, or at the first push.");
                await new TimestampCheck(list, session, dataset, maxDepth).RunAsync(sample.ServerTime, cancellationToken).ConfigureAwait(false);
            }

            CheckKey(isKnownUnique: kit is { Failure: null });
            list.Unknown(FindingCodes.Grants, dataset, "Whether the role may insert, update and delete shows only in the database's catalog, or at the first push.");
            await CheckCapAndSpeedAsync(rows, elapsed, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SyncException failure)
        {
            return !ServerFailure.Report(list, failure) && await ReportAsync(failure, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            sample?.Page.Dispose();
        }
    }

    private void CheckSample(Dataset rows, Page page)
    {
        list.Ok(FindingCodes.Table, dataset, "The table is there and exposed.");
        list.Ok(FindingCodes.Columns, dataset, "Every column of the dataset is there.");
        if (page.Count == 0)
        {
            list.Unknown(
                FindingCodes.VisibleRows,
                dataset,
                "The user sees no row: the table is empty for this user, or row-level security hides all of it without an error.",
                $"select * from pg_policies where schemaname = '{dataset.Schema}' and tablename = '{dataset.RemoteTable}'; -- a select policy for the role {TransportFailure.Grantee(session.Role)}?");
            list.Unknown(FindingCodes.Types, dataset, "The types of the columns show only in the database's catalog, or in a row.");
            return;
        }

        list.Ok(FindingCodes.VisibleRows, dataset, "The user sees rows.");
        RequireOrder(rows, PageOrder.Cursor, page);
        list.Ok(FindingCodes.Types, dataset, "The values that were read have the declared types.");
    }

    private void CheckKey(bool isKnownUnique)
    {
        var isNumber = dataset.KeyOrdinals.Count == 1 && dataset.Columns[dataset.KeyOrdinals[0]].Type == ColumnType.Integer;
        if (isKnownUnique && !isNumber)
        {
            list.Ok(FindingCodes.Key, dataset, "The key is unique.");
            return;
        }

        list.Unknown(FindingCodes.Key, dataset, isNumber
            ? "The key is a number. If the server counts it (serial, identity), rows that are created offline need another way to get one: only the database's catalog tells."
            : "Whether the key is unique shows only in the database's catalog.");
    }

    private async Task CheckCapAndSpeedAsync(Dataset rows, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        // Key and order alone: a whole page of them is small.
        var narrow = rows.WithTombstones(rows.Schema, rows.RemoteTable, remoteColumns: null);
        var started = parts.Seams.Time.GetTimestamp();
        var first = await session.GetPageAsync(new PageQuery(narrow, PageOrder.Key, After: null, LargestPage), cancellationToken).ConfigureAwait(false);
        using var page = first.Page;
        CheckSpeed(elapsed, parts.Seams.Time.GetElapsedTime(started));
        RequireOrder(narrow, PageOrder.Key, page);
        if (page.Count is 0 or LargestPage)
        {
            list.Ok(FindingCodes.RowCap, dataset, "The server does not cut pages short.");
            return;
        }

        CursorPosition last = new(PageOrder.Key, CursorValue: null, [.. narrow.KeyOrdinals.Select(ordinal => page.GetCell(page.Count - 1, ordinal).ReadText())]);
        var more = await session.GetPageAsync(new PageQuery(narrow, PageOrder.Key, last, 1), cancellationToken).ConfigureAwait(false);
        using var rest = more.Page;
        if (rest.Count == 0)
        {
            list.Ok(FindingCodes.RowCap, dataset, "The server does not cut pages short.");
        }
        else if (page.Count < parts.Options.PageSize && parts.Options.PageSizeIsFixed)
        {
            list.Warning(
                FindingCodes.RowCap,
                dataset,
                $"The server returns {page.Count} rows at most, and PageSize is {parts.Options.PageSize}.",
                "A sync finds every row all the same, with more requests than the page size says.",
                $"Set PageSize to {page.Count} or less, or raise max-rows in the project's API settings.");
        }
        else
        {
            list.Ok(FindingCodes.RowCap, dataset, $"The server returns {page.Count} rows at most, which a sync learns by itself.");
        }
    }

    /// <exception cref="SyncProtocolException">A key repeats, or the rows come in another order than was asked for.</exception>
    private static void RequireOrder(Dataset rows, PageOrder order, Page page)
    {
        try
        {
            _ = new PageOrderGuard(rows, order, after: null).Check(page);
        }
        catch (SyncProtocolException failure) when (failure.Kind == SyncErrorKind.MissingCursorValue)
        {
            // Rows without a timestamp are looked for by a request of their own.
        }
    }

    /// <param name="elapsed">How long a few rows in the order of deltas took.</param>
    /// <param name="baseline">How long a page in the order of the key took, which its index serves.</param>
    private void CheckSpeed(TimeSpan elapsed, TimeSpan baseline)
    {
        if (elapsed < TimeSpan.FromSeconds(1) || elapsed < 4 * baseline)
        {
            list.Ok(FindingCodes.Index, dataset, $"Rows in the order of deltas come in {Math.Ceiling(elapsed.TotalMilliseconds):0} ms.");
        }
        else
        {
            list.Warning(
                FindingCodes.Index, dataset, $"A few rows in the order of deltas took {Math.Ceiling(elapsed.TotalMilliseconds):0} ms: an index seems to be missing.", "Every run waits for it, and a larger table ends in a statement timeout.", IndexSql());
        }
    }

    private string IndexSql() => kit is { Failure: null }
        ? KitFailure.EnableCall(dataset)
        : $"create index on {_name} ({string.Join(", ", dataset.KeyOrdinals.Prepend(dataset.CursorOrdinal).Select(ordinal => $"\"{dataset.Columns[ordinal].Name}\""))});";

    /// <returns>False when looking further showed that the whole project is out of reach.</returns>
    private async Task<bool> ReportAsync(SyncException failure, CancellationToken cancellationToken)
    {
        WasAnswered = true;
        switch (failure)
        {
            case { Code: "42703" or "PGRST204" }:
                return await FindMissingColumnsAsync(failure, cancellationToken).ConfigureAwait(false);
            case { Kind: SyncErrorKind.PermissionDenied }:
                list.Error(FindingCodes.Grants, dataset, $"The role may not read the table ({failure.Code}).", "Every run of the dataset fails.", failure.Message);
                break;
            case { Kind: SyncErrorKind.StatementTimeout }:
                list.Error(FindingCodes.Index, dataset, $"The database gave up reading a few rows ({failure.Code}): an index is missing, or a policy is expensive.", "Every run of the dataset fails.", IndexSql());
                break;
            case { Code: "PGRST106" }:
                list.Error(FindingCodes.Table, dataset, $"The schema {dataset.Schema} is not exposed by the API (PGRST106).", "Every run of the dataset fails.", "Add the schema to the API's exposed schemas, or set the dataset's schema.");
                break;
            case { Code: "PGRST205" or "42P01" }:
                list.Error(
                    FindingCodes.Table,
                    dataset,
                    $"The API knows no table {dataset.Schema}.{dataset.RemoteTable} ({failure.Code}).",
                    "Every run of the dataset fails.",
                    $"Create the table, or correct its name or schema in the dataset. After a migration: {SchemaReload}");
                break;
            case SyncSchemaException { Code: null }:
                list.Error(FindingCodes.Types, dataset, "A column has another type than the dataset declares.", "Every run of the dataset fails at the first such value.", failure.Message);
                break;
            case { Kind: SyncErrorKind.OutOfOrder }:
                list.Error(FindingCodes.Key, dataset, "Rows repeat their key, or do not come in the order that was asked for.", "Rows would replace each other in the local table, so every run of the dataset fails.", failure.Message);
                break;
            case SyncProtocolException { IsTooLarge: true }:
                list.Error(FindingCodes.Table, dataset, $"{SampleRows} rows are larger than MaxPageBytes.", "Pages shrink to one row, and a single row above the limit fails the run.", failure.Message);
                break;
            default:
                list.Error(FindingCodes.Table, dataset, $"The table cannot be read ({failure.Code ?? failure.Kind.ToString()}).", "Every run of the dataset fails.", failure.Message);
                break;
        }

        return true;
    }

    private async Task<bool> FindMissingColumnsAsync(SyncException failure, CancellationToken cancellationToken)
    {
        list.Ok(FindingCodes.Table, dataset, "The table is there and exposed.");
        List<string> missing = [];
        foreach (var column in dataset.Columns.Select(static column => column.Name).Concat(dataset.Filters.Select(static filter => filter.Column)).Distinct(StringComparer.Ordinal))
        {
            try
            {
                using var answer = await session.CallAsync(LookUrl.Column(dataset, column), cancellationToken).ConfigureAwait(false);
            }
            catch (SyncException other) when (other.Code is "42703" or "PGRST204")
            {
                missing.Add(column);
            }
            catch (SyncException other)
            {
                if (ServerFailure.Report(list, other))
                {
                    return false;
                }
            }
        }

        list.Error(
            FindingCodes.Columns,
            dataset,
            missing.Count == 0 ? $"A column that the request names is missing ({failure.Code})." : $"The table lacks {(missing.Count == 1 ? "the column" : "the columns")} {string.Join(", ", missing)}.",
            "Every run of the dataset fails.",
            missing.Count == 0 ? failure.Message : $"Add what is missing, or take it out of the dataset. After a migration: {SchemaReload}");
        return true;
    }
}
