namespace Agent.Sync.Stores;

/// <summary>The id of a dataset's checkpoint in a store: one per dataset and local table.</summary>
/// <remarks>
/// The user and the project are part of the checkpoint's content, not of its id. So another user's run finds the checkpoint
/// and is refused, instead of finding nothing. A process that syncs several users gives each a store of its own.
/// </remarks>
public sealed record CheckpointId
{
    private CheckpointId(string id) => Id = id;

    /// <summary>Gets the id: 32 lower-case hexadecimal digits, never user text, so it is safe as a file name.</summary>
    public string Id { get; }

    /// <summary>Returns the id of a dataset's checkpoint.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <returns>The id; equal for equal dataset and local table names.</returns>
    public static CheckpointId For(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Of($"{dataset.Name}\0{dataset.LocalTable}");
    }

    /// <summary>Returns the id of where a dataset's verify stands.</summary>
    internal static CheckpointId ForVerify(Dataset dataset) => Of($"{dataset.Name}\0{dataset.LocalTable}\0verify");

    private static CheckpointId Of(string name) => new(Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 16)));

    /// <summary>Returns <see cref="Id"/>.</summary>
    /// <returns>The id.</returns>
    public override string ToString() => Id;
}
