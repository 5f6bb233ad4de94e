using System.Text;

namespace Agent.Sync;

/// <summary>Where every dataset stands, read from the stores without asking the server.</summary>
/// <param name="Datasets">One entry per configured dataset, in order.</param>
public sealed record SyncStatus(IReadOnlyList<DatasetStatus> Datasets)
{
    // A list prints its type's name.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Datasets = ").AppendList(Datasets);
        return true;
    }
}
