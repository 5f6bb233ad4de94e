namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>One prebuilt answer.</summary>
/// <param name="LastKey">The key after which the next page starts.</param>
/// <param name="Rows">How many rows it has.</param>
/// <param name="Json">The body.</param>
internal sealed record SamplePage(string LastKey, int Rows, byte[] Json);
