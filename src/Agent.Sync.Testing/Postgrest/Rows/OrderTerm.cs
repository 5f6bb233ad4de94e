namespace Agent.Sync.Testing.Postgrest.Rows;

internal readonly record struct OrderTerm(int Column, bool IsDescending, bool NullsFirst);
