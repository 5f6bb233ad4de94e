using System.Text.Json;

namespace Agent.Sync.SimulationTests;

/// <summary>What the app did on one device and was told is kept (I2): the newest value of every column it edited, and the rows it deleted.</summary>
internal sealed class DevicePromises(string user)
{
    private readonly Dictionary<(string Key, string Column), string> _values = [];
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _decided = new(StringComparer.Ordinal);

    public void Set(string key, string column, string value)
    {
        _deleted.Remove(key);
        _values[(key, column)] = value;
    }

    public void Delete(string key)
    {
        foreach (var column in _values.Keys.Where(item => item.Key == key).ToList())
        {
            _values.Remove(column);
        }

        _deleted.Add(key);
    }

    /// <summary>A conflict was settled by the policy, or the app gave the change up: its values need not be anywhere.</summary>
    public void Release(string key, ReadOnlySpan<byte> row)
    {
        _decided.Add(key);
        if (row.IsEmpty)
        {
            return;
        }

        var reader = new Utf8JsonReader(row);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                _decided.Add($"{key} {reader.GetString()}");
            }
        }
    }

    /// <summary>The device's files are gone, or an older copy is in their place: what the server never had went with them.</summary>
    public void LoseUnsent(TwoWayServer server)
    {
        foreach (var ((key, column), value) in _values.Where(item => !server.HasHad(item.Key.Key, item.Value)).ToList())
        {
            _values.Remove((key, column));
        }

        // A deletion that the server has is done; of a row that it never had there was none to send.
        _deleted.Clear();
    }

    /// <summary>Checks that every edit is on the server, was there, was decided about, or lies in quarantine.</summary>
    public void Check(TwoWayServer server, IReadOnlySet<string> quarantined)
    {
        foreach (var ((key, column), value) in _values)
        {
            Assert.True(
                server.HasHad(key, value) || quarantined.Contains(key) || _decided.Contains($"{key} {value}"),
                $"The edit of {column} of {key} to {value} is lost.");
        }

        foreach (var key in _deleted)
        {
            Assert.True(server.HasBeenWithout(user, key) || quarantined.Contains(key) || _decided.Contains(key), $"The deletion of {key} is lost.");
        }
    }
}
