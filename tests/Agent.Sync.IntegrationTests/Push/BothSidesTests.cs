using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A row that was changed on both sides ends the same on both, as the policy says.</summary>
public sealed class BothSidesTests(BackendFixture backends)
{
    private static readonly Dictionary<string, ConflictDecision?> Decisions = new()
    {
        ["server"] = ConflictDecision.ServerWins,
        ["client"] = ConflictDecision.LocalWins,
        ["delete"] = ConflictDecision.Delete,
        ["merge"] = null,
    };

    public static TheoryData<bool, string, string, string, string?> Cases { get; } = NewCases();

    /// <param name="kit">Which backend.</param>
    /// <param name="here">What the app does: insert, update or delete.</param>
    /// <param name="there">What another device does.</param>
    /// <param name="winner">The policy, or what the resolver decides.</param>
    /// <param name="expected">How the name begins that both sides have then; null when the row is gone.</param>
    [Theory]
    [MemberData(nameof(Cases))]
    public async Task SyncAsync_RowChangedOnBothSides_EndsAsThePolicySays(bool kit, string here, string there, string winner, string? expected)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        var seen = new List<(string Base, string Local, string Server)>();
        await using var device = await NewDeviceAsync(backend, id, here == "insert");
        device.Configure = options =>
        {
            options.Push.ConflictPolicy = winner switch
            {
                "server" => ConflictPolicy.ServerWins,
                "client" => ConflictPolicy.LocalWins,
                _ => ConflictPolicy.Resolver,
            };
            options.Push.ConflictResolver = options.Push.ConflictPolicy == ConflictPolicy.Resolver ? Resolve : null;
        };
        await WriteThereAsync(backend, device.User, id, there);
        await WriteHereAsync(device, id, here);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var again = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal((0, 0), (result.Rejected, result.Datasets[0].Pending));
        if (winner != "client")
        {
            // Who always wins may do so by one statement, which cannot tell that it had a rival.
            Assert.Equal(1, result.Conflicts);
        }

        Assert.Equal((0, 0), (again.Pushed, again.Conflicts));
        var name = expected is null ? null : $"{expected} {id}";
        Assert.Equal(name, await LocalRows.ScalarAsync(device.DatabasePath, "select name from push_items"));
        var rows = await backend.SqlAsync($"select name from public.push_items where id = '{id}'");
        Assert.Equal(name, rows.Select(static row => row.GetProperty("name").GetString()).SingleOrDefault());
        await device.AssertEqualToServerAsync();
        if (winner.StartsWith("resolver", StringComparison.Ordinal))
        {
            AssertSeen(Assert.Single(seen), here, there, id);
        }

        ValueTask<ConflictDecision> Resolve(Conflict conflict, CancellationToken cancellationToken)
        {
            seen.Add((Encoding.UTF8.GetString(conflict.Base.Span), Encoding.UTF8.GetString(conflict.Local.Span), Encoding.UTF8.GetString(conflict.Server.Span)));
            return ValueTask.FromResult(Decisions[winner.Split(' ')[1]] ?? Merge(conflict, id));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_OtherColumnChangedThere_ServerWinsGivesUpTheWholeEdit(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        await using var device = await NewDeviceAsync(backend, id, isNew: false);
        await backend.SqlAsync($"update public.push_items set size = 99 where id = '{id}'");
        await device.EditAsync($"update push_items set label = 'mine' where id = {id}");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, 1), (result.Pushed, result.Conflicts));
        Assert.Equal(99L, await LocalRows.ScalarAsync(device.DatabasePath, "select size from push_items"));
        Assert.Equal(DBNull.Value, await LocalRows.ScalarAsync(device.DatabasePath, "select label from push_items"));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_SameChangeOnBothSides_IsNoConflict(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        await using var device = await NewDeviceAsync(backend, id, isNew: false);
        await backend.SqlAsync($"update public.push_items set label = 'same' where id = '{id}'");
        await device.EditAsync($"update push_items set label = 'same' where id = {id}");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 0), (result.Pushed, result.Conflicts));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_DeletedOnBothSides_IsNoConflict(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        await using var device = await NewDeviceAsync(backend, id, isNew: false);
        await WriteThereAsync(backend, device.User, id, "delete");
        await WriteHereAsync(device, id, "delete");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1, 0), (result.Pushed, result.Conflicts));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_PulledBeforeItIsPushed_StaysAndConflictsThen(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        await using var device = await NewDeviceAsync(backend, id, isNew: false);
        await WriteThereAsync(backend, device.User, id, "update");
        await WriteHereAsync(device, id, "update");

        await device.SyncAsync(new SyncRequest { Direction = SyncDirection.Pull }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal($"here {id}", await LocalRows.ScalarAsync(device.DatabasePath, "select name from push_items"));
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((0, 1), (result.Pushed, result.Conflicts));
        Assert.Equal($"there {id}", await LocalRows.ScalarAsync(device.DatabasePath, "select name from push_items"));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ResolverThrows_RunEndsAndNothingIsLost(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var id = Guid.NewGuid();
        await using var device = await NewDeviceAsync(backend, id, isNew: false);
        await WriteThereAsync(backend, device.User, id, "update");
        await WriteHereAsync(device, id, "update");
        device.Configure = static options => (options.Push.ConflictPolicy, options.Push.ConflictResolver) =
            (ConflictPolicy.Resolver, static (_, _) => throw new InvalidOperationException("The app's own fault."));

        var failure = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.NotNull(failure);
        Assert.Contains("The app's own fault.", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal($"here {id}", await LocalRows.ScalarAsync(device.DatabasePath, "select name from push_items"));
        Assert.Single(await device.ChangesAsync());

        device.Configure = static options => (options.Push.ConflictPolicy, options.Push.ConflictResolver) =
            (ConflictPolicy.Resolver, static (_, _) => ValueTask.FromResult(ConflictDecision.LocalWins));
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(1, result.Pushed);
        Assert.Equal($"here {id}", await LocalRows.ScalarAsync(device.DatabasePath, "select name from push_items"));
        await device.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_ManyRowsWithSomeConflicts_CountsEachAndPushesTheRest(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpWithRowsAsync(30));
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await backend.SqlAsync(
            $"update public.artifacts set content = 'Theirs' where id in (select id from public.artifacts where owner_id = '{device.User.Id}' order by id limit 7)");
        await device.EditAsync($"update artifacts set name = 'Mine'");

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((23, 7, 0), (result.Pushed, result.Conflicts, result.Rejected));
        Assert.Equal(23L, await LocalRows.ScalarAsync(device.DatabasePath, "select count(*) from artifacts where name = 'Mine'"));
        await device.AssertEqualToServerAsync();
    }

    private static TheoryData<bool, string, string, string, string?> NewCases()
    {
        var cases = new TheoryData<bool, string, string, string, string?>();
        foreach (var kit in (bool[])[true, false])
        {
            foreach (var (here, there) in ((string, string)[])[("update", "update"), ("update", "delete"), ("delete", "update"), ("insert", "insert")])
            {
                var (local, server) = (here == "delete" ? null : "here", there == "delete" ? null : "there");
                cases.Add(kit, here, there, "server", server);
                cases.Add(kit, here, there, "client", local);
                cases.Add(kit, here, there, "resolver server", server);
                cases.Add(kit, here, there, "resolver client", local);
                cases.Add(kit, here, there, "resolver merge", "merged");
                cases.Add(kit, here, there, "resolver delete", null);
            }
        }

        return cases;
    }

    private static ConflictDecision Merge(Conflict conflict, Guid id)
    {
        var row = JsonNode.Parse((conflict.Local.IsEmpty ? conflict.Server : conflict.Local).Span)!.AsObject();
        row["name"] = $"merged {id}";
        row["size"] = 77;
        return ConflictDecision.Merge(Encoding.UTF8.GetBytes(row.ToJsonString()));
    }

    private static void AssertSeen((string Base, string Local, string Server) seen, string here, string there, Guid id)
    {
        Assert.Equal(here == "insert" ? null : $"base {id}", NameIn(seen.Base));
        Assert.Equal(here == "delete" ? null : $"here {id}", NameIn(seen.Local));
        Assert.Equal(there == "delete" ? null : $"there {id}", NameIn(seen.Server));
    }

    private static string? NameIn(string row) => row.Length == 0 ? null : (string?)JsonNode.Parse(row)!["name"];

    private static async Task<Device> NewDeviceAsync(Backend backend, Guid id, bool isNew)
    {
        var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items);
        if (!isNew)
        {
            await backend.SqlAsync($"insert into public.push_items (id, owner_id, name) values ('{id}', '{device.User.Id}', 'base {id}')");
        }

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        return device;
    }

    private static Task<IReadOnlyList<JsonElement>> WriteThereAsync(Backend backend, TestUser user, Guid id, string kind) => backend.SqlAsync(kind switch
    {
        "insert" => $"insert into public.push_items (id, owner_id, name) values ('{id}', '{user.Id}', 'there {id}')",
        "update" => $"update public.push_items set name = 'there {id}' where id = '{id}'",
        _ => $"delete from public.push_items where id = '{id}'",
    });

    private static Task<int> WriteHereAsync(Device device, Guid id, string kind)
    {
        var name = $"here {id}";
        return kind switch
        {
            "insert" => device.EditAsync($"insert into push_items (id, name) values ({id}, {name})"),
            "update" => device.EditAsync($"update push_items set name = {name} where id = {id}"),
            _ => device.EditAsync($"delete from push_items where id = {id}"),
        };
    }
}
