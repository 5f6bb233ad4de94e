namespace BackendHost;

/// <summary>How a local backend is started.</summary>
public sealed class LocalBackendOptions
{
    /// <summary>Gets the database to run on. The default is <see cref="LocalBackendEngine.Automatic"/>.</summary>
    public LocalBackendEngine Engine { get; init; }

    /// <summary>Gets the port of the API, 1 to 65,535. Null, the default, picks a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Gets the folder that keeps the data. Null, the default, uses a temporary one that is removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Gets whether acknowledged commits survive a crash of PostgreSQL (fsync and synchronous_commit on). The default is false.</summary>
    public bool Durable { get; init; }

    /// <summary>Gets whether the SQL kit is installed and enabled on the sample tables. The default is true.</summary>
    /// <remarks>A kept data folder that has it keeps it.</remarks>
    public bool Kit { get; init; } = true;

    /// <summary>Gets how many rows one answer may hold, 1 to 1,000,000. Null means 1,000, as on a hosted project.</summary>
    public int? MaxRows { get; init; }

    /// <summary>Gets how long an access token is valid, in whole seconds. Null means one hour.</summary>
    public TimeSpan? JwtExpiry { get; init; }

    /// <summary>Gets the statement timeout of the API's sessions. Null means none.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>Gets how long the start may take, without the installation of npm packages. The default is two minutes.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets what is told about slow steps and warnings, one line each; called on any thread. Null, the default, is silence.</summary>
    public Action<string>? Log { get; init; }
}
