using System.Globalization;
using System.Text.Json;

namespace Agent.Sync.Tests.Verify;

/// <summary>Random damage, random edits and random writes on the server: after a repair the local rows are the server's, but for those with an edit.</summary>
public sealed class VerifyModelTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task VerifyAsync_RandomDamage_EndsEqualAndClean(bool kit)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            await RunAsync(seed, kit);
        }
    }

    private static async Task RunAsync(int seed, bool kit)
    {
#pragma warning disable CA5394 // The same seed, the same test.
        var random = new Random(seed);
        using var harness = new VerifyHarness(kit: kit);
        var rows = random.Next(0, 40);
        await harness.FillAsync(rows);
        var edited = new HashSet<long>();
        for (var step = random.Next(0, 25); step > 0; step--)
        {
            var id = (long)random.Next(1, 50);
            var text = id.ToString(CultureInfo.InvariantCulture);
            var isLocal = harness.Store.FindRow("items", text) is not null;
            switch (random.Next(6))
            {
                case 0 when !edited.Contains(id):
                    await harness.LoseAsync(id);
                    break;
                case 1 when !edited.Contains(id):
                    await harness.TamperAsync(id, $"tampered {step}");
                    break;
                case 2 when isLocal:
                    harness.Store.Update(harness.Dataset, $$"""{"name":"edited {{step}}"}""", text);
                    edited.Add(id);
                    break;
                case 3 when harness.Table.FindRow(text) is null:
                    harness.Table.Insert($$"""{"id":{{id}},"name":"server {{step}}"}""");
                    break;
                case 4 when harness.Table.FindRow(text) is not null:
                    harness.Table.Update($$"""{"name":"server {{step}}"}""", text);
                    break;
                case 5 when harness.Table.FindRow(text) is not null:
                    harness.Table.Delete(text);
                    break;
                default:
                    break;
            }
        }
#pragma warning restore CA5394

        var values = seed % 2 == 0;
        var before = Named(harness.LocalRows, edited.Contains);
        var result = await harness.VerifyAsync(repair: true, options => options with { AllowMassDelete = true, CompareValues = values });
        var again = await harness.VerifyAsync(with: options => options with { CompareValues = values });

        Assert.True(result.Outcome == VerifyOutcome.Completed, $"seed {seed}: {result}");
        Assert.Equal(Named(harness.ServerRows, id => !edited.Contains(id)), Named(harness.LocalRows, id => !edited.Contains(id)));
        Assert.Equal(before, Named(harness.LocalRows, edited.Contains));
        Assert.True(again.Missing + again.Stale + again.Extra == 0, $"seed {seed}: {again}");
    }

    private static List<string> Named(IEnumerable<string> rows, Func<long, bool> counts) => [.. rows.Select(static row =>
    {
        using var document = JsonDocument.Parse(row);
        return (Id: document.RootElement.GetProperty("id").GetInt64(), Name: document.RootElement.GetProperty("name").GetString());
    }).Where(row => counts(row.Id)).Order().Select(static row => string.Create(CultureInfo.InvariantCulture, $"{row.Id} {row.Name}"))];
}
