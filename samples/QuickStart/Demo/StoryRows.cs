namespace QuickStart.Demo;

/// <summary>The rows that the demo tells about.</summary>
/// <param name="Rejected">The id of the row whose edit breaks a rule of the server's table.</param>
/// <param name="Renamed">The id of the row that gets a name here.</param>
/// <param name="Contested">The id of the row that gets a name here and another one on another device.</param>
/// <param name="Removed">The id of the row that is deleted here.</param>
/// <param name="Added">The id of the row that is new.</param>
/// <param name="Stamp">The time of day that makes the names of one run its own.</param>
internal sealed record StoryRows(string Rejected, string Renamed, string Contested, string Removed, string Added, string Stamp)
{
    public string NewName => $"Made here, {Stamp}";

    public string Rename => $"Renamed here, {Stamp}";

    public string OurName => $"Named here, {Stamp}";

    public string TheirName => $"Named elsewhere, {Stamp}";
}
