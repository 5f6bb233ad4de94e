namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>A column of a local table, as the last preparation left it.</summary>
/// <param name="Name">Its local name, as the dataset spells it.</param>
/// <param name="Remote">The name of the remote column whose values it has.</param>
/// <param name="Number">Its number within the table, from 0: its place among the marks of what an edit touched.</param>
/// <param name="IsSent">Whether its edits are sent, as far as the dataset said then.</param>
/// <param name="State">Whether its values are the server's and the app's.</param>
internal sealed record KnownColumn(string Name, string Remote, int Number, bool IsSent, ColumnState State)
{
    /// <summary>Gets whether the server's values are still to be read.</summary>
    public bool IsUnread => State is ColumnState.New or ColumnState.Lost;
}

/// <summary>Whose values a column holds. The numbers are kept in the file.</summary>
internal enum ColumnState
{
    /// <summary>The server's, and what the app made of them.</summary>
    Read = 0,

    /// <summary>Nobody's: it is new, and the server's values are still to be read.</summary>
    New = 1,

    /// <summary>Nobody's: it was known, and came back after it had been gone.</summary>
    Lost = 2,

    /// <summary>The table was rebuilt, and nothing shows yet whether the column kept its values or was made anew under its old name.</summary>
    Doubtful = 3,
}
