using System.Text.Json.Serialization;

namespace Agent.Sync.Cli.Demo;

/// <summary>What a demo remembers for its next run.</summary>
/// <param name="Port">The backend's port. It is part of the project's URL, and a position belongs to its project.</param>
/// <param name="Rows">How many artifacts each user has.</param>
/// <param name="Owner">The id of the user whose rows are pulled.</param>
/// <param name="Engine">What the backend keeps its data in: another one does not find it.</param>
/// <param name="HasKit">Whether the backend's tables have the SQL kit.</param>
/// <param name="IsPulled">Whether the first sync was completed: what follows is edits on both sides.</param>
internal sealed record DemoState(int Port, int Rows, Guid Owner, string Engine, bool HasKit, bool IsPulled);

[JsonSerializable(typeof(DemoState))]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
