using System.Globalization;
using System.Text;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests;

public sealed class SqlKitTests
{
    private static string Migration { get; } = File.ReadAllText(
        Path.Combine(SourceTree.Root, "supabase", "migrations", "20260201000000_agent_sync_kit.sql"));

    [Fact]
    public void ReadMigration_Always_IsTheRepositorysOwn() => Assert.Equal(Migration, SqlKit.ReadMigration());

    [Fact]
    public async Task CopyToAsync_AnyStream_WritesTheSameBytesAndLeavesItOpen()
    {
        using MemoryStream stream = new();

        await SqlKit.CopyToAsync(stream, TestContext.Current.CancellationToken);

        Assert.Equal(Encoding.UTF8.GetBytes(Migration), stream.ToArray());
    }

    [Fact]
    public async Task CopyToAsync_CanceledToken_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SqlKit.CopyToAsync(new MemoryStream(), new CancellationToken(canceled: true)));

    [Fact]
    public void Version_Always_IsWhatTheMigrationInstalls()
    {
        var version = SqlKit.Version.ToString(CultureInfo.InvariantCulture);

        Assert.Contains($"-- Agent.Sync: the SQL kit, version {version}.", Migration, StringComparison.Ordinal);
        Assert.Contains($"as 'select {version}';", Migration, StringComparison.Ordinal);
    }
}
