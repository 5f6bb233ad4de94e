namespace Agent.Sync.ShapeTests.Histories;

/// <summary>A statement of the app; <c>$p0</c>, <c>$p1</c>, ... stand for its values.</summary>
internal sealed record LocalStatement(string Sql, params IReadOnlyList<object> Values)
{
    public override string ToString() => Values.Count == 0 ? Sql : $"{Sql} -- {string.Join(", ", Values.Select(static value => value is DBNull ? "null" : value is byte[] bytes ? Convert.ToHexStringLower(bytes) : $"'{value}'"))}";
}
