using System.Text;
using System.Text.Json;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Builds the paths of one dataset's writes and look-ups. What never changes is written once. Their values come from rows: they are never logged.</summary>
internal sealed class PushUrl
{
    private const int StackChars = 1024;

    /// <summary>The answer repeats the path in a header, and a proxy in front may keep 4 KiB for all headers together (nginx does unless told otherwise).</summary>
    private const int LookUpChars = 2 * 1024;

    private const int LookUpKeys = 100;

    private readonly Dataset _dataset;
    private readonly string _select;
    private readonly string _version;
    private readonly string[] _keys;
    private readonly string _nothing;

    public PushUrl(Dataset dataset)
    {
        _dataset = dataset;
        _select = "select=" + string.Join(',', dataset.Columns.Select(static column => column.Name));
        _version = dataset.Columns[dataset.VersionOrdinal ?? dataset.CursorOrdinal].Name;
        _keys = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name)];
        _nothing = $"&and=({_keys[0]}.is.null,{_keys[0]}.not.is.null)";
    }

    /// <summary>Returns the path of a bulk insert or upsert of changes with the same columns.</summary>
    public string Bulk(in PendingChange first)
    {
        var columns = LacksKey(first) ? _keys.Concat(first.Columns) : first.Columns;
        return $"{_dataset.RemoteTable}?columns={string.Join(',', columns)}&{_select}&on_conflict={string.Join(',', _keys)}";
    }

    /// <summary>Tells whether a change's values come without its key: a store may leave it out of an update.</summary>
    public bool LacksKey(in PendingChange change) => !change.Columns.Contains(_keys[0]);

    /// <summary>Returns the path of one row, found by its key and, unless whatever is there is to be overwritten, by the version that the edit started from.</summary>
    public string Row(in PendingChange change, bool anyVersion)
    {
        var url = new UrlWriter(stackalloc char[StackChars]);
        url.Append(_dataset.RemoteTable);
        url.Append("?");
        url.Append(_select);
        var values = ReadKey(change.Key.Span);
        for (var key = 0; key < _keys.Length; key++)
        {
            PageUrl.AppendCondition(ref url, _keys[key], "eq", values[key]);
        }

        if (!anyVersion)
        {
            // A row without a version can only be met by one.
            var isNull = change.BaseVersion.IsEmpty;
            PageUrl.AppendCondition(ref url, _version, isNull ? "is" : "eq", isNull ? "null" : Encoding.UTF8.GetString(change.BaseVersion.Span));
        }

        return url.Finish();
    }

    /// <summary>Returns a path like the given one that no row meets.</summary>
    public string Nothing(string path) => path + _nothing;

    /// <summary>Returns the path that looks rows up by key, for as many as fit into one URL.</summary>
    /// <param name="changes">Whose rows.</param>
    /// <param name="most">The most to ask for, 1 or more.</param>
    /// <param name="taken">How many of them, from the first on, are asked for.</param>
    public string LookUp(ReadOnlySpan<PendingChange> changes, int most, out int taken)
    {
        taken = CountFitting(changes, Math.Min(most, LookUpKeys));
        var url = new UrlWriter(stackalloc char[StackChars]);
        url.Append(_dataset.RemoteTable);
        url.Append("?");
        url.Append(_select);
        if (_keys.Length == 1 && taken == 1 && ReadKey(changes[0].Key.Span)[0].Length == 0)
        {
            // A list of one empty text is a list of nothing to PostgREST.
            PageUrl.AppendCondition(ref url, _keys[0], "eq", string.Empty);
        }
        else if (_keys.Length == 1)
        {
            AppendList(ref url, changes[..taken]);
        }
        else
        {
            AppendAlternatives(ref url, changes[..taken]);
        }

        return url.Finish();
    }

    private int CountFitting(ReadOnlySpan<PendingChange> changes, int most)
    {
        // k1.eq.A,
        var around = _keys.Length == 1 ? 1 : "and(),".Length + _keys.Sum(static key => key.Length + ".eq.,".Length);
        var (count, chars) = (0, 0);
        while (count < changes.Length && count < most)
        {
            chars += around + ReadKey(changes[count].Key.Span).Sum(static value => UrlWriter.QuotedLength(value));
            if (chars > LookUpChars && count > 0)
            {
                break;
            }

            count++;
        }

        return count;
    }

    // &and=(key.in.(...)) works for a column of any name.
    private void AppendList(ref UrlWriter url, ReadOnlySpan<PendingChange> changes)
    {
        url.Append("&and=(");
        url.Append(_keys[0]);
        url.Append(".in.(");
        for (var index = 0; index < changes.Length; index++)
        {
            url.Append(index == 0 ? string.Empty : ",");
            url.AppendQuoted(ReadKey(changes[index].Key.Span)[0]);
        }

        url.Append("))");
    }

    // &or=(and(k1.eq.A,k2.eq.B),and(...))
    private void AppendAlternatives(ref UrlWriter url, ReadOnlySpan<PendingChange> changes)
    {
        url.Append("&or=(");
        for (var index = 0; index < changes.Length; index++)
        {
            url.Append(index == 0 ? "and(" : ",and(");
            var values = ReadKey(changes[index].Key.Span);
            for (var key = 0; key < _keys.Length; key++)
            {
                url.Append(key == 0 ? string.Empty : ",");
                PageUrl.AppendTerm(ref url, _keys[key], "eq", values[key]);
            }

            url.Append(")");
        }

        url.Append(")");
    }

    private string[] ReadKey(ReadOnlySpan<byte> json)
    {
        var values = new string[_keys.Length];
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = IndexOfKey(SentValues.FindColumn(_dataset, ref reader));
            reader.Read();
            if (key >= 0)
            {
                values[key] = reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
            }
        }

        return values;
    }

    private int IndexOfKey(int column)
    {
        for (var key = 0; key < _dataset.KeyOrdinals.Count; key++)
        {
            if (_dataset.KeyOrdinals[key] == column)
            {
                return key;
            }
        }

        return -1;
    }
}
