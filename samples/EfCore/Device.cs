using Agent.Sync;
using Agent.Sync.EntityFrameworkCore;
using Agent.Sync.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace EfCore;

/// <summary>A device: a SQLite file that EF Core reads and writes, and the engine that syncs it.</summary>
internal sealed class Device : IAsyncDisposable
{
    private readonly string _name;
    private readonly string _file;

    private Device(string name, string file, SyncEngine engine)
    {
        _name = name;
        _file = file;
        Engine = engine;
    }

    public SyncEngine Engine { get; }

    public static async Task<Device> OpenAsync(string name, string folder, SupabaseSession session)
    {
        var file = Path.Combine(folder, $"{name}.db");
        await using AppDbContext context = new(file);
        await context.Database.EnsureCreatedAsync();
        var engine = new SyncEngineBuilder()
            .UseSession(session)
            .UseSqlite(file, static options => options.CreateMissingTables = false)
            .AddDatasetsFrom(context.Model)
            .Build();
        return new Device(name, file, engine);
    }

    public async Task SaveAsync(Artifact artifact)
    {
        await using AppDbContext context = new(_file);
        context.Artifacts.Add(artifact);
        await context.SaveChangesAsync();
    }

    public async Task EditAsync(Guid id, Action<Artifact> edit)
    {
        await using AppDbContext context = new(_file);
        edit(await context.Artifacts.SingleAsync(artifact => artifact.Id == id));
        await context.SaveChangesAsync();
    }

    public async Task SyncAsync()
    {
        var result = await Engine.SyncAsync();
        Console.WriteLine($"{_name,-6} syncs      {result.Outcome}. {string.Join("; ", result.Datasets)}");
    }

    public async Task ShowAsync()
    {
        await using AppDbContext context = new(_file);
        await foreach (var artifact in context.Artifacts.OrderBy(static artifact => artifact.Name).AsAsyncEnumerable())
        {
            Console.WriteLine($"{_name,-6} has        {artifact.Name}, {artifact.Size} bytes");
        }
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
