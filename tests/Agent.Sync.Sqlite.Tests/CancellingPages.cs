using System.Collections;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>Cancels once the store asks for the second page while applying; the check of the pages before it does not count.</summary>
internal sealed class CancellingPages(IReadOnlyList<Page> pages, CancellationTokenSource source) : IReadOnlyList<Page>
{
    private int _readings;

    public int Count => pages.Count;

    public Page this[int index] => pages[index];

    public IEnumerator<Page> GetEnumerator()
    {
        var isApply = ++_readings == 2;
        for (var i = 0; i < pages.Count; i++)
        {
            if (isApply && i == 1)
            {
                source.Cancel();
            }

            yield return pages[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
