using Agent.Sync.Auth;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Doctor;

/// <summary>Looks at the project with the user's own rights, and changes nothing there.</summary>
internal sealed class ServerCheckup(CheckupParts parts, FindingList list)
{
    private static readonly TimeSpan HeldForLong = TimeSpan.FromMinutes(10);

    /// <summary>Gets the session; null where none could be opened.</summary>
    public PostgrestSession? Session { get; private set; }

    /// <summary>Gets what the SQL kit says of the datasets that have it.</summary>
    public IReadOnlyDictionary<Dataset, KitDataset> Kit { get; private set; } = new Dictionary<Dataset, KitDataset>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (parts.Remote is not { } client)
        {
            list.Unknown(FindingCodes.Server, null, "Only the local store was looked at: the engine has no connection to a project.", string.Join(' ', parts.Missing));
            return;
        }

        try
        {
            Session = await client.OpenSessionAsync(new RequestTally(), cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure)
        {
            if (!ServerFailure.Report(list, failure))
            {
                list.Error(FindingCodes.Session, null, "There is no session.", "Without one nothing is synced.", failure.Message);
            }

            return;
        }

        if (await ReadKitAsync(Session, cancellationToken).ConfigureAwait(false))
        {
            await CheckTablesAsync(client, Session, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CheckTablesAsync(PostgrestClient client, PostgrestSession session, CancellationToken cancellationToken)
    {
        var clock = new ClockCheck(parts.Seams.Time, list);
        var answered = false;
        foreach (var dataset in parts.Datasets)
        {
            var table = new TableCheck(parts, list, clock, session, dataset, Kit.GetValueOrDefault(dataset), client.MaxJsonDepth);
            if (!await table.RunAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            answered |= table.WasAnswered;
        }

        if (answered)
        {
            list.Ok(FindingCodes.Server, null, "The server answers, and is PostgREST.");
            list.Ok(FindingCodes.Session, null, "Somebody is signed in, and the server accepts the token.");
            CheckKey(session);
        }
    }

    private void CheckKey(PostgrestSession session)
    {
        if (session.Role == SecretKey.ServiceRole)
        {
            list.Warning(
                FindingCodes.ApiKey,
                null,
                "The key or token is a secret one, which bypasses row-level security (AllowRlsBypass).",
                "Every row of every user is synced. That is meant for a trusted server only.",
                "In an app, use the publishable key and the user's session, and leave AllowRlsBypass off.");
        }
        else
        {
            list.Ok(FindingCodes.ApiKey, null, "The server accepts the API key.");
        }
    }

    /// <summary>Asks the SQL kit about all datasets.</summary>
    /// <returns>False when the whole project is out of reach.</returns>
    private async Task<bool> ReadKitAsync(PostgrestSession session, CancellationToken cancellationToken)
    {
        var use = parts.Options.SqlKit;
        if (use == SqlKitMode.Ignore)
        {
            return true;
        }

        try
        {
            Kit = await new KitClient(SqlKitMode.Detect, parts.Seams.Time).ReadAsync(session, parts.Datasets, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncSchemaException failure)
        {
            list.Error(FindingCodes.SqlKit, null, "The SQL kit cannot be used as it is.", "Every run fails until it is mended, or SqlKit is Ignore.", failure.Message);
            return true;
        }
        catch (SyncAuthException failure) when (failure.Kind == SyncErrorKind.PermissionDenied)
        {
            list.Error(FindingCodes.SqlKit, null, "The user's role may not use the SQL kit.", "Every run fails until it may, or SqlKit is Ignore.", failure.Message);
            return true;
        }
        catch (SyncProtocolException failure) when (failure.Code is null)
        {
            list.Error(FindingCodes.SqlKit, null, "The SQL kit's answer cannot be read.", "Every run fails until it is mended, or SqlKit is Ignore.", failure.Message);
            return true;
        }
        catch (SyncException failure)
        {
            if (ServerFailure.Report(list, failure))
            {
                return false;
            }

            list.Error(FindingCodes.SqlKit, null, "The SQL kit's function fails.", "Every run fails until it is mended, or SqlKit is Ignore.", failure.Message);
            return true;
        }

        foreach (var dataset in parts.Datasets)
        {
            CheckKit(dataset, Kit.GetValueOrDefault(dataset));
        }

        CheckHorizon();
        return true;
    }

    private void CheckKit(Dataset dataset, KitDataset? found)
    {
        switch (found)
        {
            case null when parts.Options.SqlKit == SqlKitMode.Require:
                list.Error(FindingCodes.SqlKit, dataset, "SqlKit is Require, and the table is not enabled.", "Every run of the dataset fails.", KitFailure.Missing(dataset).Message);
                break;
            case null:
                list.Ok(FindingCodes.SqlKit, dataset, "The SQL kit is not used for this table: the grade is Overlap.");
                break;
            case { Failure: { } failure }:
                list.Error(FindingCodes.SqlKit, dataset, "The SQL kit does not let the table be synced as it is.", "Every run of the dataset fails until it is mended.", failure.Message);
                break;
            case { Table.PoliciesChanged: true }:
                list.Warning(
                    FindingCodes.SqlKit, dataset, "The policies of the table or of its tombstones have changed since it was enabled.", "Some deletes may not reach their users.", KitFailure.EnableCall(dataset));
                break;
            case { FollowsFilters: false }:
                list.Warning(
                    FindingCodes.SqlKit, dataset, "The dataset filters by a column that the table was not enabled with.", "Rows that leave the filter stay in the local table.", KitFailure.EnableCall(dataset));
                break;
            default:
                list.Ok(FindingCodes.SqlKit, dataset, $"The SQL kit (version {KitFailure.KnownVersion}) sees every change: the grade is Exact.");
                break;
        }
    }

    private void CheckHorizon()
    {
        if (Kit.Values.FirstOrDefault() is not { Horizon: { } horizon })
        {
            return;
        }

        if (horizon.Age < HeldForLong)
        {
            list.Ok(FindingCodes.Horizon, null, "No transaction holds the SQL kit's horizon back.");
            return;
        }

        list.Warning(
            FindingCodes.Horizon,
            null,
            $"A transaction on the server has been open for {Math.Floor(horizon.Age.TotalMinutes):0} minutes and holds the SQL kit's horizon back.",
            "Nothing is lost, but every run reads again what was committed since.",
            "select pid, state, xact_start, application_name from pg_stat_activity where backend_xid is not null order by xact_start; -- then end it; idle_in_transaction_session_timeout prevents the next");
    }
}
