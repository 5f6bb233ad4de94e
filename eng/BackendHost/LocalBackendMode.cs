namespace BackendHost;

/// <summary>Which database a started backend runs on.</summary>
public enum LocalBackendMode
{
    /// <summary>PostgreSQL: several sessions at once, microsecond clock.</summary>
    PostgreSql,

    /// <summary>PGlite: one session, requests served one after the other, <c>now()</c> in milliseconds.</summary>
    PGlite,
}
