using System.Collections.Concurrent;

namespace ApiContract.Checking;

/// <summary>What was seen of requests and what was wrong with them. Safe for concurrent use.</summary>
public sealed class ContractLog
{
    // A batch has many rows that are wrong in the same way.
    private const int Shown = 10;

    private readonly ConcurrentDictionary<string, byte> _uses = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _violations = new();
    private int _requests;

    /// <summary>Gets how many requests were checked.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Gets the purposes that requests were sent for.</summary>
    public IReadOnlyCollection<string> Uses => [.. _uses.Keys];

    /// <summary>Gets what was wrong, in order.</summary>
    public IReadOnlyCollection<string> Violations => [.. _violations];

    internal void Add(RequestFinding finding)
    {
        Interlocked.Increment(ref _requests);
        if (finding.Use is not null)
        {
            _uses[finding.Use] = 0;
        }

        foreach (var violation in finding.Violations)
        {
            _violations.Enqueue(violation);
        }
    }

    /// <summary>Throws when anything was wrong. A test calls it at its end: what a handler throws, the code under test may have caught.</summary>
    /// <exception cref="ContractViolationException">At least one request was not as described.</exception>
    public void ThrowIfViolated()
    {
        if (!_violations.IsEmpty)
        {
            throw Failure(_violations);
        }
    }

    internal static ContractViolationException Failure(IEnumerable<string> violations) =>
        new($"docs/openapi.json does not describe what is sent. {string.Join(Environment.NewLine, violations.Distinct(StringComparer.Ordinal).Take(Shown))}");
}
