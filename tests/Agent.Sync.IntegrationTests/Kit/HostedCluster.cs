using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Processes;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>
/// A cluster as hosted projects have it: the owner of the tables and of the kit is no superuser but has BYPASSRLS, default privileges give
/// everything to the API's roles, and an event trigger switches row-level security on for every new table.
/// </summary>
public sealed class HostedCluster : IAsyncLifetime
{
    /// <summary>The owner's role, and the name of the session that is signed in as it.</summary>
    public const string Owner = "project_owner";

    private Backend? _backend;

    public Backend Backend => _backend ?? throw new InvalidOperationException("The cluster is not running.");

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync(new LocalBackendOptions { Kit = false });
        if (!_backend.HasSessions)
        {
            return;
        }

        await _backend.SqlAsync(
            $$"""
            create role {{Owner}} login createrole bypassrls;
            grant anon, authenticated, service_role to {{Owner}} with admin option;
            grant create on database postgres to {{Owner}};
            grant all on schema public to {{Owner}};
            grant usage on schema auth to {{Owner}} with grant option;
            alter default privileges for role {{Owner}} grant all on tables to anon, authenticated, service_role;
            alter default privileges for role {{Owner}} grant all on sequences to anon, authenticated, service_role;
            alter default privileges for role {{Owner}} grant execute on functions to anon, authenticated, service_role;
            create function public.switch_rls_on() returns event_trigger language plpgsql security definer set search_path = pg_catalog as $f$
            declare made record; begin
                for made in select object_identity from pg_event_trigger_ddl_commands() where command_tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') and object_type = 'table' and schema_name <> 'pg_temp' loop
                    execute format('alter table if exists %s enable row level security', made.object_identity);
                end loop;
            end $f$;
            create event trigger switch_rls_on on ddl_command_end when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO') execute function public.switch_rls_on();
            """);
        await _backend.Host.SqlAsync($"set session authorization {Owner}", Owner);
        await InstallAsync();
    }

    /// <summary>Applies the kit's migration as the owner.</summary>
    public async Task InstallAsync() => await OwnerAsync(
        "begin;\n" + await File.ReadAllTextAsync(Path.Combine(Repository.Root, "supabase", "migrations", "20260201000000_agent_sync_kit.sql")) + "\ncommit;");

    public Task<IReadOnlyList<JsonElement>> OwnerAsync(string sql) => Backend.Host.SqlAsync(sql, Owner);

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
    }
}
