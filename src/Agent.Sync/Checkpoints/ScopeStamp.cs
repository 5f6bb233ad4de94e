using System.Security.Cryptography;
using System.Text;

namespace Agent.Sync.Checkpoints;

/// <summary>What a checkpoint belongs to, part by part, so that a refusal can name what changed. Hashes only: a user's id is personal.</summary>
internal sealed record ScopeStamp(
    string Project,
    string User,
    string Role,
    string Filter,
    string Schema)
{
    public static ScopeStamp For(Dataset dataset, Uri url, string user, string role) => new(
        Hash([url.GetLeftPart(UriPartial.Path).TrimEnd('/')]),
        Hash([user]),
        Hash([role]),
        Hash(dataset.Filters.SelectMany(static filter => new[] { filter.Column, filter.Operator.ToString(), filter.Value })),
        Hash(DescribeSchema(dataset)));

    /// <summary>Returns one hash over the whole scope and the columns: what a cursor token is bound to.</summary>
    public string Combine(Dataset dataset) =>
        Hash([Project, User, Role, Filter, Schema, .. dataset.Columns.Select(static column => $"{column.Name}:{column.Type}")]);

    private static IEnumerable<string> DescribeSchema(Dataset dataset)
    {
        yield return dataset.Schema;
        yield return dataset.RemoteTable;
        yield return dataset.LocalTable;
        foreach (var ordinal in dataset.KeyOrdinals)
        {
            yield return dataset.Columns[ordinal].Name;
            yield return dataset.Columns[ordinal].Type.ToString();
        }

        yield return dataset.Columns[dataset.CursorOrdinal].Name;
        yield return NameOf(dataset, dataset.VersionOrdinal);
        yield return NameOf(dataset, dataset.DeletedOrdinal);
        yield return dataset.DeleteHandling.ToString();
    }

    private static string NameOf(Dataset dataset, int? ordinal) =>
        ordinal is { } position ? dataset.Columns[position].Name : string.Empty;

    private static string Hash(IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            // Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
            var bytes = Encoding.UTF8.GetBytes(part);
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
