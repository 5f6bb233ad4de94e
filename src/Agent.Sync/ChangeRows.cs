using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync;

/// <summary>Both sides of one local change, so that a person can decide about it. Rows are UTF-8 JSON objects with the dataset's columns. Immutable.</summary>
/// <param name="Change">The change's number, <see cref="LocalChange.Id"/>.</param>
/// <param name="Local">The local row, or of a change in flight the row as it was handed out to be sent; empty when it was deleted locally.</param>
/// <param name="Server">The server's row that the edit started from, or what a pull has brought of it since while the change is in quarantine; empty for an insert.</param>
public sealed record ChangeRows(long Change, ReadOnlyMemory<byte> Local, ReadOnlyMemory<byte> Server)
{
    /// <summary>Reads <see cref="Local"/> as an object.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="typeInfo">Its source-generated description.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    public T? ReadLocal<T>(JsonTypeInfo<T> typeInfo)
        where T : class => RowJson.Read(Local, typeInfo);

    /// <summary>Reads <see cref="Local"/> as an object, with the app's serializer options.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="options">Options that know the type: by a source-generated context as their resolver, or by reflection where that is enabled.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="NotSupportedException">The options do not know <typeparamref name="T"/>.</exception>
    public T? ReadLocal<T>(JsonSerializerOptions options)
        where T : class => RowJson.Read(Local, RowJson.TypeInfoOf<T>(options));

    /// <summary>Reads <see cref="Server"/> as an object.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="typeInfo">Its source-generated description.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    public T? ReadServer<T>(JsonTypeInfo<T> typeInfo)
        where T : class => RowJson.Read(Server, typeInfo);

    /// <summary>Reads <see cref="Server"/> as an object, with the app's serializer options.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="options">Options that know the type: by a source-generated context as their resolver, or by reflection where that is enabled.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="NotSupportedException">The options do not know <typeparamref name="T"/>.</exception>
    public T? ReadServer<T>(JsonSerializerOptions options)
        where T : class => RowJson.Read(Server, RowJson.TypeInfoOf<T>(options));

    // A record would print its rows.
    /// <summary>Returns the change's number.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"Rows of change {Change}";
}
