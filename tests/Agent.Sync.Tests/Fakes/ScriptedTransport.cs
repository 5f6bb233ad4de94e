using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Answers page requests by a script, and keeps what was asked and handed out.</summary>
internal sealed class ScriptedTransport(Func<PageQuery, int, CancellationToken, Task<PageAnswer>> script) : IPageTransport
{
    public ScriptedTransport(params Func<Page>[] pages)
        : this((_, request, _) => Task.FromResult(Items.Answer(request < pages.Length ? pages[request]() : Items.Page())))
    {
    }

    public List<PageQuery> Queries { get; } = [];

    public List<Page> Pages { get; } = [];

    public async Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        Queries.Add(query);
        var answer = await script(query, Queries.Count - 1, cancellationToken);
        Pages.Add(answer.Page);
        return answer;
    }
}
