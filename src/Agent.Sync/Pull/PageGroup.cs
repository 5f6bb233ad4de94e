using System.Runtime.ExceptionServices;

namespace Agent.Sync.Pull;

/// <summary>Pages that are applied in one transaction.</summary>
internal sealed class PageGroup : IDisposable
{
    public List<PulledPage> Pages { get; } = [];

    public long Rows { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Gets or sets a value indicating whether the pass is over with this group.</summary>
    public bool EndsPass { get; set; }

    /// <summary>Gets or sets what stopped the gathering. The pages before it are good and are applied first.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    public void Add(PulledPage page)
    {
        Pages.Add(page);
        Rows += page.Page.Count;
        Bytes += page.Page.Utf8Json.Length;
    }

    public void Dispose()
    {
        foreach (var page in Pages)
        {
            page.Page.Dispose();
        }
    }
}
