using System.Text.Json;

namespace Agent.Sync.Kit;

/// <summary>One enabled table in the JSON of the kit's horizon function.</summary>
internal sealed class HorizonTable
{
    public string? Epoch { get; private set; }

    public string? MinRetained { get; private set; }

    public string? Tombstones { get; private set; }

    public IReadOnlyList<string>? Key { get; private set; }

    public IReadOnlyList<string>? Columns { get; private set; }

    public string? Problem { get; private set; }

    public bool NeedsRestamp { get; private set; }

    public bool PoliciesChanged { get; private set; }

    public static HorizonTable Read(ref Utf8JsonReader json)
    {
        var table = new HorizonTable();
        var members = JsonMembers.Of(ref json);
        while (members.Next(ref json) is { } name)
        {
            switch (name)
            {
                case "epoch":
                    table.Epoch = json.GetString();
                    break;
                case "min_retained":
                    table.MinRetained = json.GetString();
                    break;
                case "tombstones":
                    table.Tombstones = json.GetString();
                    break;
                case "key":
                    table.Key = JsonMembers.Texts(ref json);
                    break;
                case "columns":
                    table.Columns = JsonMembers.Texts(ref json);
                    break;
                case "problem":
                    table.Problem = json.GetString();
                    break;
                case "needs_restamp":
                    table.NeedsRestamp = json.GetBoolean();
                    break;
                case "policies_changed":
                    table.PoliciesChanged = json.GetBoolean();
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return table;
    }
}
