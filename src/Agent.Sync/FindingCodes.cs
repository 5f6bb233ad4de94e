namespace Agent.Sync;

/// <summary>The checks of a <see cref="Diagnosis"/> (<see cref="Finding.Code"/>). They stay the same from version to version; docs/doctor.md explains each.</summary>
public static class FindingCodes
{
    /// <summary>The URL: reachable, and PostgREST answers there.</summary>
    /// <value><c>server</c>.</value>
    public const string Server = "server";

    /// <summary>The API key: the project's own, and not one that bypasses row-level security.</summary>
    /// <value><c>api_key</c>.</value>
    public const string ApiKey = "api_key";

    /// <summary>The session: somebody is signed in, and the server accepts the token.</summary>
    /// <value><c>session</c>.</value>
    public const string Session = "session";

    /// <summary>The device's clock beside the server's.</summary>
    /// <value><c>clock</c>.</value>
    public const string Clock = "clock";

    /// <summary>The table: there, and exposed in its schema.</summary>
    /// <value><c>table</c>.</value>
    public const string Table = "table";

    /// <summary>The columns that the dataset names.</summary>
    /// <value><c>columns</c>.</value>
    public const string Columns = "columns";

    /// <summary>The types of the columns.</summary>
    /// <value><c>types</c>.</value>
    public const string Types = "types";

    /// <summary>The key: unique, and fit for rows that are created offline.</summary>
    /// <value><c>key</c>.</value>
    public const string Key = "key";

    /// <summary>Whether every update moves the update timestamp and the version.</summary>
    /// <value><c>stamps</c>.</value>
    public const string Stamps = "stamps";

    /// <summary>Rows without an update timestamp.</summary>
    /// <value><c>empty_timestamps</c>.</value>
    public const string EmptyTimestamps = "empty_timestamps";

    /// <summary>Rows whose update timestamp lies in the future.</summary>
    /// <value><c>future_timestamps</c>.</value>
    public const string FutureTimestamps = "future_timestamps";

    /// <summary>The index that serves the order of deltas.</summary>
    /// <value><c>index</c>.</value>
    public const string Index = "index";

    /// <summary>The most rows that the server returns at once.</summary>
    /// <value><c>row_cap</c>.</value>
    public const string RowCap = "row_cap";

    /// <summary>Whether the user can see any row.</summary>
    /// <value><c>visible_rows</c>.</value>
    public const string VisibleRows = "visible_rows";

    /// <summary>Row-level security and its policies.</summary>
    /// <value><c>policies</c>.</value>
    public const string Policies = "policies";

    /// <summary>The grants of the user's role.</summary>
    /// <value><c>grants</c>.</value>
    public const string Grants = "grants";

    /// <summary>The SQL kit: installed, exposed, of the right version, and seeing every change.</summary>
    /// <value><c>sql_kit</c>.</value>
    public const string SqlKit = "sql_kit";

    /// <summary>The SQL kit's horizon: whether a transaction has held it back for long.</summary>
    /// <value><c>horizon</c>.</value>
    public const string Horizon = "horizon";

    /// <summary>The local table beside the dataset.</summary>
    /// <value><c>local_table</c>.</value>
    public const string LocalTable = "local_table";

    /// <summary>Constraints and triggers of the app's own on the local table.</summary>
    /// <value><c>local_rules</c>.</value>
    public const string LocalRules = "local_rules";

    /// <summary>Whether local edits are recorded.</summary>
    /// <value><c>recording</c>.</value>
    public const string Recording = "recording";

    /// <summary>The free space of the drive that holds the local store.</summary>
    /// <value><c>disk</c>.</value>
    public const string Disk = "disk";

    /// <summary>The checkpoint: readable, and of this user and project.</summary>
    /// <value><c>checkpoint</c>.</value>
    public const string Checkpoint = "checkpoint";

    /// <summary>Local changes that wait, or are in quarantine.</summary>
    /// <value><c>changes</c>.</value>
    public const string Changes = "changes";

    /// <summary>Rows of the server that the local table refuses.</summary>
    /// <value><c>parked_rows</c>.</value>
    public const string ParkedRows = "parked_rows";
}
