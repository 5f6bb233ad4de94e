using System.Text;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

internal static class RowRendering
{
    /// <summary>Writes rows as a JSON array, as PostgreSQL's json_agg does.</summary>
    public static ReadOnlyMemory<byte> Write(PostgrestTable table, IReadOnlyList<TableRow> rows, IReadOnlyList<int> select)
    {
        var names = select.Select(ordinal => Encoding.UTF8.GetBytes($"\"{table.Columns[ordinal].Name}\":")).ToArray();
        var body = new MemoryStream();
        body.WriteByte((byte)'[');
        for (var index = 0; index < rows.Count; index++)
        {
            // It puts a line break between rows.
            body.Write(index == 0 ? "{"u8 : ",\n {"u8);
            for (var column = 0; column < names.Length; column++)
            {
                if (column > 0)
                {
                    body.WriteByte((byte)',');
                }

                body.Write(names[column]);
                body.Write(rows[index].Json[select[column]]);
            }

            body.WriteByte((byte)'}');
        }

        body.WriteByte((byte)']');
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
