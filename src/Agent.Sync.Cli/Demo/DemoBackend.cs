using System.Net;
using System.Net.Sockets;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using BackendHost;

namespace Agent.Sync.Cli.Demo;

/// <summary>Starts the local backend with what an earlier run left, or with new rows.</summary>
internal sealed class DemoBackend(DemoFolder folder, IOutput output, TimeProvider time, bool hasKit)
{
    public const int DefaultRows = 10_000;
    public const string Email = "ada@example.test";
    public const string Password = "correct-horse-battery";

    private const string OtherEmail = "bob@example.test";

    public async Task<LocalBackendHost> StartAsync(int? wantedRows, CancellationToken cancellationToken)
    {
        var state = folder.ReadState();
        var rows = wantedRows ?? state?.Rows ?? DefaultRows;
        if (state?.Rows != rows || state.HasKit != hasKit || !folder.HasBackend)
        {
            folder.Clear();
            state = null;
        }

        var host = await LaunchAsync(state, cancellationToken);
        try
        {
            if (state is not null && state.Engine != host.Mode.ToString())
            {
                await host.DisposeAsync();
                folder.Clear();
                state = null;
                host = await LaunchAsync(state, cancellationToken);
            }

            if (state is null)
            {
                await SeedAsync(host, rows, cancellationToken);
            }

            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    private async Task<LocalBackendHost> LaunchAsync(DemoState? state, CancellationToken cancellationToken)
    {
        var port = state is null ? (int?)null : state.Port;
        if (port is { } kept && !IsFree(kept))
        {
            output.Write(new NoteEvent($"port {kept} of the last run is taken: on another one this is another project, and its rows are read again"));
            port = null;
        }

        var started = time.GetTimestamp();
        var host = await output.WaitAsync("starting the local backend", () => LocalBackendHost.StartAsync(
            new LocalBackendOptions
            {
                Port = port,
                DataDirectory = folder.PrepareBackend(),
                Kit = hasKit,
                Log = line => output.Write(new NoteEvent(line)),
            },
            cancellationToken));
        output.Write(new BackendEvent(
            host.Mode == LocalBackendMode.PGlite ? "PGlite" : "PostgreSQL", host.Url, time.GetElapsedTime(started).TotalSeconds));
        return host;
    }

    private async Task SeedAsync(LocalBackendHost host, int rows, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        SeedOptions options = new() { Rows = rows, Users = [Email, OtherEmail], Password = Password };
        var seeded = await output.WaitAsync("writing the rows", () => host.SeedAsync(options, cancellationToken));
        folder.WriteState(new DemoState(host.Url.Port, rows, seeded.Users[0].Id, host.Mode.ToString(), hasKit, IsPulled: false));
        output.Write(new SeededEvent(rows, seeded.Users.Count, time.GetElapsedTime(started).TotalSeconds));
    }

    private static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
