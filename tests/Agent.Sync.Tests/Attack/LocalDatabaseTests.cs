using Microsoft.Data.Sqlite;

namespace Agent.Sync.Tests.Attack;

/// <summary>A SQLite file that somebody else has written to: every call of the app ends well or in a typed failure.</summary>
public sealed class LocalDatabaseTests
{
    private static readonly (string Name, object? Value)[] Values =
    [
        ("NULL", null), ("empty text", string.Empty), ("a text", Exchange.Canary), ("-1", -1L), ("the highest integer", long.MaxValue), ("infinity", double.PositiveInfinity),
        ("zeros", new byte[100]), ("no UTF-8", new byte[] { 0xFF, 0xFE, 0xC0 }), ("JSON", "{\"id\":[[]]}"), ("half JSON", "{\"id\":"), ("a lone surrogate", "{\"id\":\"\\ud800\"}"), ("a uuid", Guid.Empty.ToString()),
    ];

    private const int TypeMismatch = 20;

    public static TheoryData<string> Things => [.. PlacedThing.All];

    [Fact]
    public async Task Engine_AnyBookkeepingValueReplaced_ThrowsNothingRaw()
    {
        var faults = new List<string>();
        using var first = new LocalScene();
        await first.FillAsync();
        var tables = first.Texts("select name from sqlite_schema where type = 'table' and name like 'agent_sync%' order by name");
        Assert.Contains("agent_sync_outbox_items", tables);
        var file = await CopyAsync(first);
        foreach (var table in tables)
        {
            foreach (var column in first.Texts($"select name from pragma_table_info('{table}')"))
            {
                foreach (var (name, value) in Values)
                {
                    await TryAsync($"{table}.{column} is {name}", file, faults, scene => scene.Execute($"update or ignore \"{table}\" set \"{column}\" = $value", ("$value", value)));
                }
            }

            await TryAsync($"{table} is empty", file, faults, scene => scene.Execute($"delete from \"{table}\""));
            await TryAsync($"{table} is gone", file, faults, scene => scene.Execute($"drop table \"{table}\""));
            await TryAsync($"{table} is a view", file, faults, scene => scene.Execute($"drop table \"{table}\"; create view \"{table}\" as select 1 as x"));
            await TryAsync($"{table} has other columns", file, faults, scene => scene.Execute($"drop table \"{table}\"; create table \"{table}\" (x)"));
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    [Fact]
    public async Task Engine_BytesOfTheFileFlipped_ThrowsNothingRaw()
    {
        var faults = new List<string>();
        using var first = new LocalScene();
        await first.FillAsync();
        var file = await CopyAsync(first);
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var bytes = (byte[])file.Clone();
            for (var flips = random.Next(1, 5); flips > 0; flips--)
            {
                // The schema and the first pages more often than the rest.
                bytes[random.Next(2) == 0 ? random.Next(Math.Min(8192, bytes.Length)) : random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            }

            await TryAsync($"seed {seed}", bytes, faults, static _ => { });
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    [Theory]
    [MemberData(nameof(Things))]
    public async Task Engine_AnotherThingInPlaceOfAFile_FailsTypedAtOnce(string thing)
    {
        PlacedThing.SkipOnWindows();
        var faults = new List<string>();
        using var first = new LocalScene();
        await first.FillAsync();
        var file = await CopyAsync(first);

        // SQLite itself waits for a pipe in place of a rollback journal: the folder has to be the user's own.
        foreach (var ending in (string[])[string.Empty, "-wal", "-shm", .. thing == "a pipe" ? Array.Empty<string>() : ["-journal"]])
        {
            await TryAsync(thing + " at " + ending, file, faults, scene =>
            {
                File.Delete(scene.DatabasePath + ending);
                PlacedThing.Put(thing, scene.DatabasePath + ending);
            });
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    private static async Task<byte[]> CopyAsync(LocalScene scene)
    {
        scene.Execute("pragma wal_checkpoint(truncate)");
        return await File.ReadAllBytesAsync(scene.DatabasePath, TestContext.Current.CancellationToken);
    }

    private static async Task TryAsync(string name, byte[] file, List<string> faults, Action<LocalScene> damage)
    {
        using var scene = new LocalScene();
        await File.WriteAllBytesAsync(scene.DatabasePath, file, TestContext.Current.CancellationToken);
        try
        {
            damage(scene);
            await scene.UseAsync();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == TypeMismatch)
        {
            // SQLite itself keeps other values out of an integer key.
        }
        catch (Exception exception)
        {
            faults.Add($"{name}: {exception.Message}");
        }
    }
}
