namespace BackendHost;

/// <summary>Which database the backend is asked to run on.</summary>
public enum LocalBackendEngine
{
    /// <summary>PostgreSQL where it is installed, else PGlite. With the variable CI set, the same as <see cref="PostgreSql"/>.</summary>
    Automatic,

    /// <summary>PostgreSQL; the start fails where it is not installed.</summary>
    PostgreSql,

    /// <summary>PGlite, even where PostgreSQL is installed.</summary>
    PGlite,
}
