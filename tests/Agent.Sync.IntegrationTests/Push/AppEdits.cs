using System.Globalization;
using Agent.Sync.IntegrationTests.Devices;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>Edits a device's rows as its app does: with a connection of its own, knowing nothing of the sync.</summary>
internal static class AppEdits
{
    /// <summary>Runs one statement, whose interpolated values go in as parameters.</summary>
    /// <returns>How many rows it met.</returns>
    public static async Task<int> EditAsync(this Device device, FormattableString sql)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        var names = Enumerable.Range(0, sql.ArgumentCount).Select(static index => $"$p{index}").ToArray<object>();
#pragma warning disable CA2100 // The tests' own statements, with parameters.
        command.CommandText = string.Format(CultureInfo.InvariantCulture, sql.Format, names);
#pragma warning restore CA2100
        for (var index = 0; index < names.Length; index++)
        {
            command.Parameters.AddWithValue((string)names[index], sql.GetArgument(index) ?? DBNull.Value);
        }

        return await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Inserts artifacts in one transaction.</summary>
    /// <returns>Their keys, in the order in which they were inserted.</returns>
    public static async Task<IReadOnlyList<Guid>> InsertArtifactsAsync(this Device device, int count, Func<int, long>? size = null, int contentBytes = 0)
    {
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "insert into artifacts (id, type, name, content, size) values ($id, 'note', $name, $content, $size)";
        var id = command.Parameters.Add("$id", SqliteType.Text);
        var name = command.Parameters.Add("$name", SqliteType.Text);
        var sizeValue = command.Parameters.Add("$size", SqliteType.Integer);
        command.Parameters.AddWithValue("$content", new string('x', contentBytes));
        Guid[] ids = [.. Enumerable.Range(0, count).Select(static _ => Guid.NewGuid())];
        for (var index = 0; index < count; index++)
        {
            id.Value = ids[index];
            name.Value = string.Create(CultureInfo.InvariantCulture, $"Mine {index}");
            sizeValue.Value = size?.Invoke(index) ?? index;
            await command.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return ids;
    }

    /// <summary>Lists a dataset's changes.</summary>
    public static async Task<IReadOnlyList<LocalChange>> ChangesAsync(this Device device, ChangeState? state = null, string? dataset = null)
    {
        await using var open = device.Open();
        return await open.Engine.ReadChangesAsync(dataset ?? device.Datasets[0].Name, state, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The keys of changes, read from their JSON.</summary>
    public static IEnumerable<Guid> Keys(this IEnumerable<LocalChange> changes) =>
        changes.Select(static change => System.Text.Json.JsonDocument.Parse(change.Key).RootElement.GetProperty("id").GetGuid());
}
