using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Pull;

/// <summary>How a resync compares rows while it looks for edits that the store could not record.</summary>
internal static class UnrecordedEdits
{
    public static Reconciliation Rule(Dataset dataset, KnownRows known)
    {
        for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
        {
            var column = dataset.Columns[ordinal];
            if (string.Equals(column.Name, known.Column, StringComparison.Ordinal)
                && CursorNumber.TryParse(column.Type, known.Below!, out var below))
            {
                var found = ordinal;
                return new Reconciliation((page, row) =>
                    CursorNumber.TryParse(column.Type, page.GetCell(row, found).Utf8, out var number) && number < below);
            }
        }

        return new Reconciliation(static (_, _) => false);
    }
}
