using Agent.Sync;

namespace SyncWorker;

/// <summary>Signs the worker's user in, and again after a session has ended. Until that works, the hosted sync waits. A wrong password stops the worker.</summary>
internal sealed partial class SignIn : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly SupabaseSession _session;
    private readonly ILogger<SignIn> _log;
    private readonly string _email;
    private readonly string _password;

    public SignIn(SupabaseSession session, IConfiguration configuration, ILogger<SignIn> log)
    {
        _session = session;
        _log = log;
        _email = Require(configuration, "SignIn:Email");
        _password = Require(configuration, "SignIn:Password");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pause);
        do
        {
            try
            {
                if (!_session.IsSignedIn)
                {
                    await _session.SignInAsync(_email, _password, stoppingToken);
                }
            }
            catch (SyncException exception) when (exception.IsTransient)
            {
                Failed(exception.Kind);
            }
            catch (SyncException)
            {
                // The host logs the exception and stops; whoever started it shall see that it did not end well.
                Environment.ExitCode = 1;
                throw;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static string Require(IConfiguration configuration, string key) => configuration[key] is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException($"{key} is missing: set the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");

    [LoggerMessage(1, LogLevel.Warning, "The sign-in failed ({Kind}) and is tried again")]
    private partial void Failed(SyncErrorKind kind);
}
