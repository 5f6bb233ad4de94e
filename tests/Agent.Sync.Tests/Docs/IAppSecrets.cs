namespace Agent.Sync.Tests.Docs;

/// <summary>Where the app of the pages keeps its secrets.</summary>
internal interface IAppSecrets
{
    Task<string?> ReadAsync(string name, CancellationToken cancellationToken);
}
