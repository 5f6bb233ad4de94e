namespace QuickStart.Events;

/// <summary>The demo edited rows in the file and on the server.</summary>
/// <param name="Added">The name of the row that is new here.</param>
/// <param name="Renamed">The name that a row got here.</param>
/// <param name="OurName">The name that one row got here.</param>
/// <param name="TheirName">The name that the same row got on the server.</param>
/// <param name="More">How many further rows were edited here, and as many others on the server.</param>
internal sealed record ChangedEvent(string Added, string Renamed, string OurName, string TheirName, int More) : SampleEvent("changed");
