using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Docs;

// snippet: change-store-conformance
public sealed class MyRowsConformance : ChangeStoreConformance
{
    private readonly MyApp _app = new();

    protected override ValueTask<IChangeStore> OpenAsync() => _app.OpenStoreAsync();

    protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(IChangeStore store, Dataset dataset) =>
        _app.ReadAsync(dataset);

    protected override ValueTask InsertAsync(IChangeStore store, Dataset dataset, IReadOnlyDictionary<string, string?> values) =>
        _app.InsertAsync(dataset, values);

    protected override ValueTask UpdateAsync(IChangeStore store, Dataset dataset, string key, IReadOnlyDictionary<string, string?> values) =>
        _app.UpdateAsync(dataset, key, values);

    protected override ValueTask DeleteAsync(IChangeStore store, Dataset dataset, string key) =>
        _app.DeleteAsync(dataset, key);

    protected override ValueTask<bool> StopRecordingAsync(IChangeStore store, Dataset dataset) =>
        _app.DropTriggersAsync(dataset);
}
// end snippet

public sealed class MyRowsTests
{
    public static TheoryData<string> Cases => [.. ChangeStoreConformance.Cases.Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_OfTheChangeSuite_Passes(string name)
    {
        await using var suite = new MyRowsConformance();
        await ChangeStoreConformance.Cases.Single(test => test.Name == name).RunAsync(suite);
    }
}
