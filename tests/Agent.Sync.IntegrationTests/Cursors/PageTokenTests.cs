using System.Buffers.Text;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Cursors;

public sealed class PageTokenTests(BackendFixture backends)
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public async Task ReadPagesAsync_EachPageByAnotherEngineFromTheToken_GivesEveryRowOnce()
    {
        var user = await backends.Main.SignUpWithRowsAsync(257, new SeedOptions { StepMicroseconds = 1 });
        await backends.Main.SeedAsync(user, 300, new SeedOptions { FirstIndex = 1_000, SameTimestamp = true, NewestAge = TimeSpan.FromDays(2) });
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 50 };
        var keys = new List<string>();
        string? token = null;
        while (true)
        {
            await using var open = device.Open();
            var page = await FirstPageAsync(open.Engine, token is null ? null : Cursor.FromToken(token));
            if (page is null)
            {
                break;
            }

            using (page)
            {
                for (var row = 0; row < page.Count; row++)
                {
                    keys.Add(System.Text.Encoding.UTF8.GetString(page.GetCell(row, 0).Utf8));
                }

                token = page.Next!.ToToken();
                Assert.InRange(token.Length, 1, Cursor.MaxTokenLength);
            }
        }

        Assert.Equal(557, keys.Count);
        Assert.Equal(557, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task ReadPagesAsync_PagesKeptAfterTheEnumeration_StayValid()
    {
        var user = await backends.Main.SignUpWithRowsAsync(120);
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 50 };
        await using var open = device.Open();
        var pages = new List<Page>();

        await foreach (var page in open.Engine.ReadPagesAsync("artifacts", cancellationToken: TestContext.Current.CancellationToken))
        {
            pages.Add(page);
        }

        Assert.Equal([50, 50, 20], pages.Select(static page => page.Count));
        Assert.Equal(120, pages.SelectMany(static page => Enumerable.Range(0, page.Count).Select(row => page.GetRow(row).ToArray())).Select(Convert.ToHexString).Distinct().Count());
        pages.ForEach(static page => page.Dispose());
        Assert.Throws<ObjectDisposedException>(() => pages[0].GetRow(0));
    }

    [Fact]
    public async Task ReadPagesAsync_TokenWithOneCharacterChanged_IsRefused()
    {
        var (device, token) = await NewTokenAsync();
        await using var owned = device;
        await using var open = device.Open();
        for (var index = 0; index < token.Length; index++)
        {
            var other = Letters[(Letters.IndexOf(token[index], StringComparison.Ordinal) + 1 + index % 62) % 64];
            await AssertRefusedAsync(open.Engine, token[..index] + other + token[(index + 1)..]);
        }

        // The last character has bits that stand for nothing.
        foreach (var other in Letters.Where(letter => letter != token[^1]))
        {
            await AssertRefusedAsync(open.Engine, token[..^1] + other);
        }
    }

    [Fact]
    public async Task ReadPagesAsync_TokenCutOrExtended_IsRefused()
    {
        var (device, token) = await NewTokenAsync();
        await using var owned = device;
        await using var open = device.Open();
        for (var length = 0; length < token.Length; length++)
        {
            await AssertRefusedAsync(open.Engine, token[..length]);
        }

        foreach (var extra in (string[])["A", "AA", "AAA", "AAAA", token, " ", "\n", "=", "==", "\0"])
        {
            await AssertRefusedAsync(open.Engine, token + extra);
        }

        foreach (var malformed in (string[])["", " ", "not a token", "....", new string('A', Cursor.MaxTokenLength), new string('A', Cursor.MaxTokenLength + 1)])
        {
            await AssertRefusedAsync(open.Engine, malformed);
        }
    }

    [Fact]
    public async Task ReadPagesAsync_TokenOfALaterVersion_IsRefused()
    {
        var (device, token) = await NewTokenAsync();
        await using var owned = device;
        await using var open = device.Open();
        var bytes = Base64Url.DecodeFromChars(token);
        bytes[0]++;

        await AssertRefusedAsync(open.Engine, Base64Url.EncodeToString(bytes));
    }

    [Fact]
    public async Task ReadPagesAsync_TokenOfAnotherUserDatasetFilterOrStore_IsRefused()
    {
        var (device, token) = await NewTokenAsync();
        await using var owned = device;
        var other = await backends.Main.SignUpWithRowsAsync(20);

        device.Requests.Token = other.Token;
        await AssertRefusedByNewEngineAsync(device, token);

        device.Requests.Token = device.User.Token;
        device.Datasets = [Datasets.Projects];
        await AssertRefusedByNewEngineAsync(device, token);

        device.Datasets = [Datasets.ArtifactsWith(DeleteHandling.Remove).Where("type", FilterOperator.Equal, "note").Build()];
        await AssertRefusedByNewEngineAsync(device, token);

        device.Datasets = [Datasets.Narrow().Build()];
        await AssertRefusedByNewEngineAsync(device, token);

        await using var elsewhere = new Device(backends.Main, device.User);
        await AssertRefusedByNewEngineAsync(elsewhere, token);
    }

    [Fact]
    public async Task ReadPagesAsync_ConfiguredKeys_WorkAcrossStoresAndRotate()
    {
        var user = await backends.Main.SignUpWithRowsAsync(30);
        var old = new SealingKey(1, Enumerable.Range(1, 32).Select(static value => (byte)value).ToArray());
        var young = new SealingKey(2, Enumerable.Range(101, 32).Select(static value => (byte)value).ToArray());
        await using var before = new Device(backends.Main, user) { Configure = options => Set(options, old) };
        await using var after = new Device(backends.Main, user) { Configure = options => Set(options, young, old) };
        await using var later = new Device(backends.Main, user) { Configure = options => Set(options, young) };
        string token;
        await using (var open = before.Open())
        {
            using var page = await FirstPageAsync(open.Engine, after: null);
            token = page!.Next!.ToToken();
        }

        await using (var open = after.Open())
        {
            using var page = await FirstPageAsync(open.Engine, Cursor.FromToken(token));
            Assert.Equal(10, page!.Count);
        }

        await AssertRefusedByNewEngineAsync(later, token);

        static void Set(SyncOptions options, params SealingKey[] keys)
        {
            options.PageSize = 10;
            foreach (var key in keys)
            {
                options.SealingKeys.Add(key);
            }
        }
    }

    private static async Task<Page?> FirstPageAsync(ISyncEngine engine, Cursor? after)
    {
        await foreach (var page in engine.ReadPagesAsync("artifacts", after))
        {
            return page;
        }

        return null;
    }

    private static async Task AssertRefusedByNewEngineAsync(Device device, string token)
    {
        await using var open = device.Open();
        await AssertRefusedAsync(open.Engine, token, device.Datasets[0].Name);
    }

    private static async Task AssertRefusedAsync(ISyncEngine engine, string token, string dataset = "artifacts")
    {
        var failure = await Assert.ThrowsAsync<SyncProtocolException>(async () =>
        {
            await foreach (var page in engine.ReadPagesAsync(dataset, Cursor.FromToken(token)))
            {
                page.Dispose();
            }
        });
        Assert.Equal(SyncErrorKind.CursorRefused, failure.Kind);
        Assert.False(failure.IsTransient);
        Assert.True(token.Length < 8 || !failure.ToString().Contains(token, StringComparison.Ordinal));
    }

    private async Task<(Device Device, string Token)> NewTokenAsync()
    {
        var user = await backends.Main.SignUpWithRowsAsync(20);
        var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 10 };
        await using var open = device.Open();
        using var page = await FirstPageAsync(open.Engine, after: null);
        return (device, page!.Next!.ToToken());
    }
}
