using System.Globalization;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Postgrest.Wire;

namespace Agent.Sync.SimulationTests;

/// <summary>One process of a device: the real engine, and the app around it.</summary>
internal sealed class TwoWayProcess(TwoWayDevice device, ProcessFate fate, Mishap mishap, TwoWaySettings settings, TwoWayServer server, VirtualTimeProvider time, Random random, string stranger, Action<string> trace)
{
    // Only these mishaps have the app's tokens change, after some requests.
    private int _tokensUntilTurn = mishap is Mishap.UserSwitches or Mishap.SessionEnds ? random.Next(device.HasCheckpoint ? 0 : 1, 12) : int.MaxValue;

    public Task<SyncResult> Start(SyncDirection direction, bool isResync, TimeSpan? budget, TimeSpan? leaseWait)
    {
        var request = new SyncRequest
        {
            LeaseWait = leaseWait ?? TimeSpan.FromMinutes(3),
            Direction = direction,
            AllowMassDelete = !server.IsHidden,
            MaxDuration = budget,
            FullResync = isResync,
        };
        return NewEngine().SyncAsync(request, mishap == Mishap.AppThrows ? new ThrowingProgress() : null, fate.Cancellation);
    }

    private ConflictDecision Decide(Conflict conflict)
    {
        if (mishap == Mishap.AppThrows && random.Next(4) > 0)
        {
            throw new AppException();
        }

        return random.Next(4) switch
        {
            0 => ConflictDecision.ServerWins,
            1 => ConflictDecision.LocalWins,
            2 when !conflict.Server.IsEmpty => ConflictDecision.Merge(conflict.Server.Span),
            2 => ConflictDecision.ServerWins,
            _ => ConflictDecision.Delete,
        };
    }

    private AccessToken? NextToken()
    {
        var user = device.User;
        if (--_tokensUntilTurn < 0)
        {
            if (mishap == Mishap.SessionEnds)
            {
                return fate.Number % 2 == 0 ? null : throw new AppException();
            }

            user = stranger;
        }

        return new AccessToken(server.Double.CreateToken(user, expires: server.Double.ServerTime.AddDays(30)));
    }

    private void Sending(HttpRequestMessage request)
    {
        request.Headers.Add(SentChanges.Device, device.Number.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SentChanges.Process, fate.Number.ToString(CultureInfo.InvariantCulture));
        trace($"device {device.Number} {request.Method} {request.RequestUri!.PathAndQuery}");

        // I17: what one user edited is never sent as another.
        var isWrite = request.Method != HttpMethod.Get && !request.RequestUri.AbsolutePath.EndsWith("/horizon", StringComparison.Ordinal);
        Assert.True(
            !isWrite || DoubleToken.Read(request.Headers.Authorization!.Parameter!)!.Subject == device.User, "An edit was sent under another user's token.");
    }

    private SyncEngine NewEngine()
    {
        var store = new SimulatedChangeStore(device.Disk, fate, device.Checks);
        var options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult(NextToken()),
            PageSize = settings.PageSize,
            OverlapLag = TimeSpan.FromSeconds(60),
            StallTimeout = TimeSpan.Zero,
        };
        options.Push.BatchRows = settings.BatchRows;
        options.Push.ConflictPolicy = settings.Conflicts;
        options.Push.ConflictResolver = settings.Conflicts == ConflictPolicy.Resolver ? (conflict, _) => ValueTask.FromResult(Decide(conflict)) : null;
        options.Push.MaxQuarantinedShare = 1;
        options.Datasets.Add(device.Dataset);
        var checkpoints = device.Disk.IsTogether ? store : new SimulatedChangeStore(device.Disk, fate, device.Checks);
        return SimulatedEngine.Create(
            options, store, checkpoints, new SimulatedNetwork(server.Double, time, fate, Sending, () => server.Observe(device.Writer)), time, random, fate, device.Processes);
    }

    private sealed class ThrowingProgress : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => throw new AppException();
    }
}

/// <summary>Thrown by the app's own callbacks.</summary>
internal sealed class AppException() : Exception("The app's callback threw.");
