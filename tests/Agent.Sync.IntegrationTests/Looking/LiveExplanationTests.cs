using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Looking;

/// <summary>What is said about rows of a SQLite file and of PostgreSQL.</summary>
public sealed class LiveExplanationTests(BackendFixture backends)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExplainAsync_EveryRowAfterASync_IsInStepWithEveryTypeOfColumn(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpWithRowsAsync(20);
        await using var device = new Device(backend, user);
        await device.SyncAsync(cancellationToken: Token);
        await using var open = device.Open();

        await foreach (var page in open.Engine.ReadPagesAsync("artifacts", cancellationToken: Token))
        {
            foreach (var row in page.Read(JsonRow.Default.JsonElement))
            {
                var explained = await open.Engine.ExplainAsync("artifacts", $$"""{"id":"{{row.GetProperty("id").GetString()}}"}""", Token);
                Assert.Equal((RowState.InStep, kit ? CompletenessGrade.Exact : CompletenessGrade.Overlap), (explained.State, explained.Grade));
            }

            page.Dispose();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ExplainAsync_ChangesOfBothSides_AreToldApart(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpWithRowsAsync(3);
        await using var device = new Device(backend, user);
        await device.SyncAsync(cancellationToken: Token);
        var ids = (await backend.SqlAsync($"select id::text from public.artifacts where owner_id = '{user.Id}' order by size")).Select(static row => row.GetProperty("id").GetString()!).ToArray();
        var mine = Guid.NewGuid().ToString();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={device.DatabasePath};Pooling=False"))
        {
            await connection.OpenAsync(Token);
            await using var command = connection.CreateCommand();
            command.CommandText = $"update artifacts set name = 'mine' where id = upper('{ids[0]}'); insert into artifacts (id, type, name) values ('{mine}', 'note', 'new')";
            await command.ExecuteNonQueryAsync(Token);
        }

        await backend.SqlAsync($"update public.artifacts set name = 'theirs' where id = '{ids[1]}'; delete from public.artifacts where id = '{ids[2]}'");

        Assert.Equal(RowState.Waiting, await StateAsync(device, ids[0]));
        Assert.Equal(RowState.Waiting, await StateAsync(device, mine));
        Assert.Equal(RowState.ServerIsNewer, await StateAsync(device, ids[1]));
        Assert.Equal(kit ? RowState.RemovedOnServer : RowState.NotOnServer, await StateAsync(device, ids[2]));
    }

    [Fact]
    public async Task ExplainAsync_RowOfAnotherUser_IsAbsentAsIfItWereNotThere()
    {
        var owner = await backends.Main.SignUpWithRowsAsync(1);
        var user = await backends.Main.SignUpAsync();
        var id = (await backends.Main.SqlAsync($"select id::text from public.artifacts where owner_id = '{owner.Id}'"))[0].GetProperty("id").GetString()!;
        await using var device = new Device(backends.Main, user);

        Assert.Equal(RowState.Absent, await StateAsync(device, id));
        Assert.False(File.Exists(device.DatabasePath));
    }

    [Fact]
    public async Task ExplainAsync_RowThatBecameVisibleWithoutAChange_WasMissed()
    {
        var user = await backends.Main.SignUpAsync();
        var id = Guid.NewGuid().ToString();
        await backends.Main.SqlAsync($"insert into public.shared_notes (id, owner_id, note, updated_at) values ('{id}', '{user.Id}', 'hidden', now() - interval '1 day'); insert into public.members values ('{user.Id}')");
        await backends.Main.SqlAsync($"insert into public.shared_notes (owner_id, note, updated_at) values ('{user.Id}', 'seen', now() - interval '1 hour'); delete from public.members where user_id = '{user.Id}'");
        await using var device = new Device(backends.Main, user, Datasets.SharedNotes);
        await device.SyncAsync(cancellationToken: Token);
        await device.SyncAsync(cancellationToken: Token);
        await backends.Main.SqlAsync($"insert into public.members values ('{user.Id}')");

        var explained = await ExplainAsync(device, $$"""{"id":"{{id}}"}""");

        Assert.Equal(RowState.Missed, explained.State);
        Assert.Contains("became visible", explained.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExplainAsync_KeyOfThreeColumns_IsFoundOnBothSides()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.parts (tenant, seq, owner_id, note) values ('a,(\"b\") & c', 7, '{user.Id}', 'n')");
        var code = (await backends.Main.SqlAsync($"select code::text from public.parts where owner_id = '{user.Id}'"))[0].GetProperty("code").GetString();
        await using var device = new Device(backends.Main, user, Datasets.Parts);
        await device.SyncAsync(cancellationToken: Token);

        Assert.Equal(RowState.InStep, (await ExplainAsync(device, $$"""{"tenant":"a,(\"b\") & c","seq":7,"code":"{{code}}"}""")).State);
    }

    private static async Task<RowState> StateAsync(Device device, string id) => (await ExplainAsync(device, $$"""{"id":"{{id}}"}""")).State;

    private static async Task<RowExplanation> ExplainAsync(Device device, string key)
    {
        await using var open = device.Open();
        return await open.Engine.ExplainAsync(device.Datasets[0].Name, key, Token);
    }
}

/// <summary>Reads rows as JSON.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonRow : System.Text.Json.Serialization.JsonSerializerContext;
