using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>One row that the server's own SQL writes.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">The key's columns of the row that is met; null for an insert.</param>
/// <param name="Values">The values to write; null for a delete.</param>
internal sealed record RowWrite(ShapeTable Table, Row? Key, Row? Values)
{
    public override string ToString() => (Key, Values) switch
    {
        (null, { } values) => $"insert {Table.Name} {values}",
        ({ } key, null) => $"delete {Table.Name} {key}",
        _ => $"update {Table.Name} {Key} set {Values}",
    };
}
