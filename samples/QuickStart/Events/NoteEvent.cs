namespace QuickStart.Events;

/// <summary>A sentence about something slow or unusual.</summary>
internal sealed record NoteEvent(string Message) : SampleEvent("note");
