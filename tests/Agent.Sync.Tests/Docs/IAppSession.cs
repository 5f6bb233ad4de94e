namespace Agent.Sync.Tests.Docs;

/// <summary>Stands for whatever client an app holds its session in.</summary>
internal interface IAppSession
{
    string? AccessToken { get; }

    Task RefreshAsync(CancellationToken cancellationToken);
}
