using System.Text.Json.Serialization;

namespace Agent.Sync.Cli.Events;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NoteEvent))]
[JsonSerializable(typeof(InitEvent))]
[JsonSerializable(typeof(SqlEvent))]
[JsonSerializable(typeof(ScaffoldEvent))]
[JsonSerializable(typeof(CompletionEvent))]
[JsonSerializable(typeof(BackendEvent))]
[JsonSerializable(typeof(SeededEvent))]
[JsonSerializable(typeof(ChangedEvent))]
[JsonSerializable(typeof(StoryEvent))]
[JsonSerializable(typeof(SignedInEvent))]
[JsonSerializable(typeof(PendingEvent))]
[JsonSerializable(typeof(ResumingEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(StoppingEvent))]
[JsonSerializable(typeof(StoppedEvent))]
[JsonSerializable(typeof(ResultEvent))]
[JsonSerializable(typeof(StatusEvent))]
[JsonSerializable(typeof(ResetEvent))]
[JsonSerializable(typeof(VerifyEvent))]
[JsonSerializable(typeof(QuarantineEvent))]
[JsonSerializable(typeof(WatchEvent))]
[JsonSerializable(typeof(ChangeEvent))]
[JsonSerializable(typeof(ChangesEvent))]
[JsonSerializable(typeof(RetriedEvent))]
[JsonSerializable(typeof(DiscardedEvent))]
[JsonSerializable(typeof(DiagnosisEvent))]
[JsonSerializable(typeof(WhyEvent))]
[JsonSerializable(typeof(FailedEvent))]
[JsonSerializable(typeof(NextEvent))]
[JsonSerializable(typeof(ServingEvent))]
internal sealed partial class EventJsonContext : JsonSerializerContext;
