namespace Agent.Sync.Postgrest;

/// <summary>Inside the transport only: the body is longer than accepted.</summary>
internal sealed class BodyTooLargeException : Exception;
