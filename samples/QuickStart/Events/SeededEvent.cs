namespace QuickStart.Events;

/// <summary>The demo's rows are there: the same number for each user.</summary>
internal sealed record SeededEvent(int RowsPerUser, int Users, double Seconds) : SampleEvent("seeded");
