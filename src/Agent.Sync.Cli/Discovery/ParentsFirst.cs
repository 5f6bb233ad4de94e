namespace Agent.Sync.Cli.Discovery;

/// <summary>Orders tables so that a row's parents are written before it. Tables in a circle of foreign keys keep the order of their names.</summary>
internal static class ParentsFirst
{
    public static IReadOnlyList<TableProposal> Order(IReadOnlyList<TableProposal> tables)
    {
        List<TableProposal> ordered = [];
        var left = tables.OrderBy(static table => table.Table.Name, StringComparer.Ordinal).ToList();
        while (left.Count > 0)
        {
            var names = left.Select(static table => table.Table.Name).ToHashSet(StringComparer.Ordinal);
            var next = left.Find(table => !table.Table.Parents.Any(names.Contains)) ?? left[0];
            ordered.Add(next);
            left.Remove(next);
        }

        return ordered;
    }
}
