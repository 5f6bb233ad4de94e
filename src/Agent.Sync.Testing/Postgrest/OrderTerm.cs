namespace Agent.Sync.Testing.Postgrest;

internal readonly record struct OrderTerm(int Column, bool IsDescending, bool NullsFirst);
