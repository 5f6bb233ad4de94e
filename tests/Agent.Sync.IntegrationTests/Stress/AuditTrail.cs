using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>Every name that any artifact ever had on the server, and every key that was ever deleted: written by a trigger of the test's own.</summary>
internal sealed class AuditTrail(Backend backend)
{
    public Task InstallAsync() => backend.SqlAsync(
        """
        create table public.stress_audit (n bigserial primary key, id uuid not null, name text, gone boolean not null);
        create function public.stress_note() returns trigger language plpgsql security definer set search_path = '' as $$
        begin
            if tg_op = 'DELETE' then
                insert into public.stress_audit (id, name, gone) values (old.id, old.name, true);
            else
                insert into public.stress_audit (id, name, gone) values (new.id, new.name, new.deleted_at is not null);
                if tg_op = 'UPDATE' and (new.id, new.owner_id) is distinct from (old.id, old.owner_id) then
                    insert into public.stress_audit (id, name, gone) values (old.id, old.name, true);
                end if;
            end if;
            return null;
        end $$;
        create trigger stress_note after insert or update or delete on public.artifacts for each row execute function public.stress_note();
        alter table public.artifacts add constraint stress_size check (size is null or size >= 0);
        """);

    /// <summary>Returns the names that reached the server.</summary>
    public async Task<HashSet<string>> NamesAsync()
    {
        var rows = await backend.SqlAsync("select distinct name from public.stress_audit");
        return [.. rows.Select(static row => row.GetProperty("name").GetString()!)];
    }

    /// <summary>Tells whether a key was deleted on the server, or left its owner, at any time, or never was there.</summary>
    public async Task<Func<Guid, bool>> GoneOrNeverThereAsync()
    {
        var gone = (await backend.SqlAsync("select distinct id from public.stress_audit where gone")).Select(static row => row.GetProperty("id").GetGuid()).ToHashSet();
        var there = (await backend.SqlAsync("select id from public.artifacts")).Select(static row => row.GetProperty("id").GetGuid()).ToHashSet();
        return key => gone.Contains(key) || !there.Contains(key);
    }
}
