using System.Text.Json.Nodes;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A batch for the push function, with a group for each change that does not fit the last one.</summary>
internal sealed class KitBatch
{
    private readonly JsonArray _groups = [];

    public string Version { get; init; } = "sync_seq";

    public string? Deleted { get; init; }

    public string[] Select { get; init; } = ["id", "name", "note", "sync_seq"];

    /// <summary>Gets the operation ids, in the order of the changes.</summary>
    public List<Guid> Operations { get; } = [];

    public KitBatch Insert(long id, Guid owner, string? name, string? note = null, Guid? operation = null) => Insert(
        new JsonObject { ["id"] = id, ["owner_id"] = owner.ToString(), ["name"] = name, ["note"] = note }, operation);

    public KitBatch Insert(JsonObject row, Guid? operation = null) =>
        Add("insert", row["id"]!.DeepClone(), null, row, operation);

    /// <summary>An insert that says another key than its row's, or none.</summary>
    public KitBatch InsertAs(string? key, JsonObject row) => Add("insert", key, null, row, null);

    public KitBatch Update(long id, long? baseVersion, JsonObject row, Guid? operation = null) =>
        Add("update", id, baseVersion?.ToString(System.Globalization.CultureInfo.InvariantCulture), row, operation);

    public KitBatch Update(long id, long? baseVersion, string name, Guid? operation = null) =>
        Update(id, baseVersion, new JsonObject { ["name"] = name }, operation);

    public KitBatch Delete(long id, long? baseVersion, Guid? operation = null) =>
        Add("delete", id, baseVersion?.ToString(System.Globalization.CultureInfo.InvariantCulture), [], operation);

    public KitBatch Update(string id, JsonObject row) => Add("update", id, null, row, null);

    public KitBatch Delete(string id) => Add("delete", id, null, [], null);

    public string Json(string table) => Body(table).ToJsonString();

    public JsonObject Body(string table) => new()
    {
        ["table"] = table,
        ["version"] = Version,
        ["select"] = new JsonArray([.. Select.Select(static name => (JsonNode)name)]),
        ["deleted"] = Deleted,
        ["groups"] = _groups.DeepClone(),
    };

    private KitBatch Add(string kind, JsonNode? key, string? baseVersion, JsonObject row, Guid? operation)
    {
        Operations.Add(operation ?? Guid.NewGuid());
        var columns = string.Join(',', row.Select(static value => value.Key));
        if (_groups.Count == 0 || (string)_groups[^1]!["kind"]! != kind || string.Join(',', _groups[^1]!["columns"]!.AsArray()) != columns)
        {
            _groups.Add(new JsonObject
            {
                ["kind"] = kind,
                ["columns"] = new JsonArray([.. row.Select(static value => (JsonNode)value.Key)]),
                ["changes"] = new JsonArray(),
            });
        }

        var change = new JsonObject { ["op"] = Operations[^1].ToString(), ["key"] = key is null ? null : new JsonObject { ["id"] = key }, ["base"] = baseVersion };
        if (kind != "delete")
        {
            change["row"] = row;
        }

        _groups[^1]!["changes"]!.AsArray().Add(change);
        return this;
    }
}
