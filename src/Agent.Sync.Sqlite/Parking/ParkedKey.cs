using System.Buffers;
using System.Text;
using Agent.Sync.Sqlite.Rows;

namespace Agent.Sync.Sqlite.Parking;

/// <summary>A key as a JSON object, in the server's own text.</summary>
internal static class ParkedKey
{
    public static void Write(IBufferWriter<byte> destination, DatasetPlan plan, Page page, int row)
    {
        for (var i = 0; i < plan.KeyOrdinals.Length; i++)
        {
            // Names are identifiers, and a cell's text has its escapes still: nothing here needs any.
            var cell = page.GetCell(row, plan.KeyOrdinals[i]);
            var quote = cell.Kind is PageCellKind.String or PageCellKind.EscapedString ? "\""u8 : default;
            destination.Write(i == 0 ? "{\""u8 : ",\""u8);
            Encoding.UTF8.GetBytes(plan.Dataset.Columns[plan.KeyOrdinals[i]].Name, destination);
            destination.Write("\":"u8);
            destination.Write(quote);
            destination.Write(cell.Utf8);
            destination.Write(quote);
        }

        destination.Write("}"u8);
    }
}
