using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync;

/// <summary>A row that was changed on both sides. Rows are UTF-8 JSON objects with the dataset's columns, valid until the resolver returns.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Base">The row that the local edit started from; empty when the edit inserted it.</param>
/// <param name="Local">The local row; empty when it was deleted locally.</param>
/// <param name="Server">The server's row; empty when it was deleted on the server.</param>
public sealed record Conflict(string Dataset, ReadOnlyMemory<byte> Base, ReadOnlyMemory<byte> Local, ReadOnlyMemory<byte> Server)
{
    /// <summary>Reads <see cref="Base"/> as an object.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="typeInfo">Its source-generated description.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    public T? ReadBase<T>(JsonTypeInfo<T> typeInfo)
        where T : class => RowJson.Read(Base, typeInfo);

    /// <summary>Reads <see cref="Base"/> as an object, with the app's serializer options.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="options">Options that can read the type, through a source-generated context or through reflection where that is enabled.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="NotSupportedException">The options cannot read <typeparamref name="T"/>.</exception>
    public T? ReadBase<T>(JsonSerializerOptions options)
        where T : class => RowJson.Read(Base, RowJson.TypeInfoOf<T>(options));

    /// <summary>Reads <see cref="Local"/> as an object.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="typeInfo">Its source-generated description.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    public T? ReadLocal<T>(JsonTypeInfo<T> typeInfo)
        where T : class => RowJson.Read(Local, typeInfo);

    /// <summary>Reads <see cref="Local"/> as an object, with the app's serializer options.</summary>
    /// <typeparam name="T">The row's type.</typeparam>
    /// <param name="options">Options that can read the type, through a source-generated context or through reflection where that is enabled.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="NotSupportedException">The options cannot read <typeparamref name="T"/>.</exception>
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
    /// <param name="options">Options that can read the type, through a source-generated context or through reflection where that is enabled.</param>
    /// <returns>The row; null when there is none.</returns>
    /// <exception cref="JsonException">The row does not fit <typeparamref name="T"/>.</exception>
    /// <exception cref="NotSupportedException">The options cannot read <typeparamref name="T"/>.</exception>
    public T? ReadServer<T>(JsonSerializerOptions options)
        where T : class => RowJson.Read(Server, RowJson.TypeInfoOf<T>(options));

    // A record would print its rows.
    /// <summary>Returns the dataset's name.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"Conflict in {Dataset}";
}
