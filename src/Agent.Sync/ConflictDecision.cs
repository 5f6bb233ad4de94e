using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync;

/// <summary>A resolver's decision: one of the two rows, a merged row, or no row. Immutable.</summary>
public sealed class ConflictDecision
{
    private ConflictDecision(ConflictWinner winner, ReadOnlyMemory<byte> row)
    {
        Winner = winner;
        MergedRow = row;
    }

    /// <summary>Gets the decision for the server's row. The local edit is discarded.</summary>
    public static ConflictDecision ServerWins { get; } = new(ConflictWinner.Server, default);

    /// <summary>Gets the decision for the local row. It is written over the server's.</summary>
    public static ConflictDecision LocalWins { get; } = new(ConflictWinner.Local, default);

    /// <summary>Gets the decision to delete the row on both sides.</summary>
    public static ConflictDecision Delete { get; } = new(ConflictWinner.Merged, default);

    internal ConflictWinner Winner { get; }

    /// <summary>Gets the merged row; empty to delete it.</summary>
    internal ReadOnlyMemory<byte> MergedRow { get; }

    /// <summary>Decides for a merged row, which replaces both.</summary>
    /// <param name="utf8Json">One JSON object with every column of the dataset. Columns that only the server writes (version, update timestamp) are taken from the server's row. The bytes are copied.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="ArgumentException">The row is empty.</exception>
    public static ConflictDecision Merge(ReadOnlySpan<byte> utf8Json) => utf8Json.IsEmpty
        ? throw new ArgumentException("The merged row is empty: give a JSON object, or decide for Delete.", nameof(utf8Json))
        : new ConflictDecision(ConflictWinner.Merged, utf8Json.ToArray());

    /// <summary>Decides for a merged row, which replaces both.</summary>
    /// <typeparam name="T">The row's type; it must have every column of the dataset.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="typeInfo">Its source-generated description.</param>
    /// <returns>The decision.</returns>
    public static ConflictDecision Merge<T>(T row, JsonTypeInfo<T> typeInfo)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(row);
        return new ConflictDecision(ConflictWinner.Merged, JsonSerializer.SerializeToUtf8Bytes(row, typeInfo));
    }

    /// <summary>Decides for a merged row, which replaces both, written with the app's serializer options.</summary>
    /// <typeparam name="T">The row's type; it must have every column of the dataset.</typeparam>
    /// <param name="row">The row.</param>
    /// <param name="options">Options that can write the type, through a source-generated context or through reflection where that is enabled.</param>
    /// <returns>The decision.</returns>
    /// <exception cref="NotSupportedException">The options cannot write <typeparamref name="T"/>.</exception>
    public static ConflictDecision Merge<T>(T row, JsonSerializerOptions options)
        where T : class => Merge(row, RowJson.TypeInfoOf<T>(options));
}
