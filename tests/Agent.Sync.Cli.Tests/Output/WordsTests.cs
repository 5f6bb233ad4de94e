using Agent.Sync.Cli.Output;

namespace Agent.Sync.Cli.Tests.Output;

public sealed class WordsTests
{
    [Theory]
    [InlineData(SyncPhase.Delta, 0, 0L, 0.0, "artifacts: 0 rows")]
    [InlineData(SyncPhase.Delta, 3, 12L, 0.25, "artifacts: 3 of 12 rows (25%)")]
    [InlineData(SyncPhase.Push, 0, null, null, "artifacts: 0 changes sent")]
    public void ProgressLine_WithAndWithoutAnythingExpected_ReadsAsAPersonExpects(SyncPhase phase, long completed, long? total, double? fraction, string line)
    {
        SyncProgress progress = new()
        {
            Sequence = 1,
            Dataset = "artifacts",
            Phase = phase,
            Completed = completed,
            Total = total,
            Fraction = fraction,
            RowsPerSecond = null,
            EstimatedTimeLeft = null,
            Elapsed = TimeSpan.Zero,
            Bytes = 0,
            Pages = 0,
            Retries = 0,
            MemoryBytes = 0,
        };

        Assert.Equal(line, Words.ProgressLine(progress));
    }
}
