using System.Runtime.InteropServices;

namespace Agent.Sync.Cli.Commands;

/// <summary>Turns Ctrl+C and SIGTERM into a cancellation; a second one ends the process at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Action<string> _onFirst;
    private readonly Action _onSecond;
    private readonly PosixSignalRegistration[] _registrations;
    private int _count;

    public Interruption(Action<string> onFirst, Action onSecond)
    {
        _onFirst = onFirst;
        _onSecond = onSecond;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, "SIGINT", Events.ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, "SIGTERM", Events.ExitCode.Terminated)),
        ];
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Gets the code that says which signal it was.</summary>
    public int ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context, string signal, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            _onSecond();
            Environment.Exit(exitCode);
        }

        ExitCode = exitCode;
        _onFirst(signal);
        _source.Cancel();
    }
}
