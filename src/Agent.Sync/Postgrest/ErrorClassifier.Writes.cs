namespace Agent.Sync.Postgrest;

/// <content>What a failed write means for the rows it carried.</content>
internal static partial class ErrorClassifier
{
    /// <summary>Says what a failed write means for its rows.</summary>
    /// <remarks>42501 counts as a row's here: a policy refuses rows by the same code as PostgreSQL refuses tables, and only the caller can find out which it was.</remarks>
    public static WriteFault FaultOf(SyncException failure) => (failure.Kind, failure.Code) switch
    {
        (SyncErrorKind.StatementTimeout, _) => WriteFault.TooSlow,
        (SyncErrorKind.Timeout, _) when failure is SyncTransportException { IsUnanswered: true } => WriteFault.Unanswered,
        (SyncErrorKind.PermissionDenied, "42501") => WriteFault.Row,
        (SyncErrorKind.UnexpectedResponse, _) when failure is SyncProtocolException { IsTooLarge: true } => WriteFault.TooLarge,
        (SyncErrorKind.BadRequest, "413") => WriteFault.TooLarge,

        // A method, a header or a URL that the server does not take is no row's doing.
        (SyncErrorKind.BadRequest, "405" or "406" or "414" or "415" or "431") => WriteFault.None,
        (SyncErrorKind.BadRequest, { Length: 3 }) => WriteFault.Undecided,
        (SyncErrorKind.BadRequest or SyncErrorKind.ServerError or SyncErrorKind.RemoteSchema, { Length: 5 } sqlState) => FaultOfSqlState(sqlState),
        _ => WriteFault.None,
    };

    /// <summary>Says what a SQLSTATE means that a write was refused with.</summary>
    public static WriteFault FaultOfSqlState(string sqlState) => sqlState switch
    {
        "23503" => WriteFault.MissingParent,
        "23505" => WriteFault.ValueTaken,
        "P0001" or "42501" => WriteFault.Row,

        // Two rows of one key, a table or column that is missing, no such constraint, a policy that refers to its own table.
        "21000" or "42P01" or "42703" or "42P10" or "42P17" => WriteFault.None,
        "55P03" => WriteFault.Busy,
        _ => sqlState[..2] switch
        {
            "22" or "23" or "44" => WriteFault.Row,
            "40" => WriteFault.Busy,

            // Connections, resources, operators and disks; replicas and recovery; roles, databases and schemas.
            "08" or "53" or "57" or "58" or "F0" or "25" or "0A" or "28" or "0P" or "0L" or "3D" or "3F" => WriteFault.None,
            _ => WriteFault.Undecided,
        },
    };

    /// <summary>Tells whether a failed write may be the doing of a row that it carried, and so says nothing about the server.</summary>
    public static bool MayBeARows(SyncException failure) => FaultOf(failure) is WriteFault.Row or WriteFault.Undecided;

    /// <summary>Tells whether a refusal may be a row's although other rows get the same code.</summary>
    public static bool MayBeRows(string? code) => code is not { Length: 5 } || FaultOfSqlState(code) == WriteFault.Undecided;

    /// <summary>Tells whether an answer says that nothing was done, not merely that something went wrong.</summary>
    public static bool IsRefusal(int status, string? code) => code is { Length: 5 }
        ? code is not (['0', '8', ..] or ['5', '7', 'P', ..] or ['5', '8', ..])
        : status is >= 400 and < 500 and not 408 && (code is not null || status != 400);

    /// <summary>Tells whether a code is raised for what a row holds: by an app's trigger (P0xxx, PTxxx) or by a limit that its size passes (54xxx).</summary>
    public static bool IsAboutContent(string sqlState) => sqlState is ['P', '0' or 'T', ..] or ['5', '4', ..];
}
