using System.Text;

namespace Agent.Sync;

/// <summary>Prints the lists of the records, of which .NET prints the type's name.</summary>
internal static class ListText
{
    public static StringBuilder AppendList<T>(this StringBuilder text, IEnumerable<T>? items) =>
        items is null ? text.Append("null") : text.Append('[').AppendJoin(", ", items).Append(']');
}
