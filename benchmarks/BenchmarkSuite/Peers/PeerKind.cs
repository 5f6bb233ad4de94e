namespace BenchmarkSuite.Peers;

/// <summary>What a peer does, and how it is run.</summary>
internal enum PeerKind
{
    /// <summary>A fresh process for each run, rows in a SQLite file.</summary>
    File,

    /// <summary>One process that is asked several times, because its rows are in its memory.</summary>
    Session,

    /// <summary>A limit: it reads every row and keeps none.</summary>
    Limit,
}
