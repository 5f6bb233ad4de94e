namespace Agent.Sync.Postgrest;

/// <summary>What an answer means.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Kind">What it is called when doing that has not helped.</param>
internal readonly record struct AnswerVerdict(AnswerAction Action, SyncErrorKind Kind);
