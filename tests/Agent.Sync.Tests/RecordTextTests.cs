namespace Agent.Sync.Tests;

/// <summary>What an app prints of a result is readable, lists too.</summary>
public sealed class RecordTextTests
{
    [Fact]
    public void ToString_Status_PrintsEachDataset()
    {
        var status = new SyncStatus(
        [
            new DatasetStatus { Dataset = "artifacts", Phase = SyncPhase.Delta, Pending = 3 },
            new DatasetStatus { Dataset = "notes", Phase = SyncPhase.NotStarted },
        ]);

        Assert.StartsWith("SyncStatus { Datasets = [DatasetStatus { Dataset = artifacts, Phase = Delta,", status.ToString(), StringComparison.Ordinal);
        Assert.Contains("Pending = 3", status.ToString(), StringComparison.Ordinal);
        Assert.Contains("Dataset = notes", status.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('`', status.ToString());
    }

    [Fact]
    public void ToString_Result_PrintsEachDataset()
    {
        var result = new SyncResult
        {
            Outcome = SyncOutcome.Completed,
            Grade = CompletenessGrade.Exact,
            Datasets = [new DatasetResult { Dataset = "artifacts", Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Exact, Applied = 7 }],
            Duration = TimeSpan.FromSeconds(1.5),
            PeakMemoryBytes = 1_000_000,
        };

        Assert.StartsWith(
            "SyncResult { Outcome = Completed, Grade = Exact, Duration = 00:00:01.5000000, PeakMemoryBytes = 1000000, Datasets = [DatasetResult { Dataset = artifacts,",
            result.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("Applied = 7", result.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('`', result.ToString());
    }

    [Theory]
    [InlineData(null, "Datasets = null")]
    [InlineData("artifacts notes", "Datasets = [artifacts, notes]")]
    public void ToString_Request_PrintsTheNames(string? names, string text)
    {
        var request = new SyncRequest { Datasets = names?.Split(' '), PageSize = 50 };

        Assert.Contains(text, request.ToString(), StringComparison.Ordinal);
        Assert.Contains("PageSize = 50", request.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('`', request.ToString());
    }
}
