-- Switches the SQL kit on for the sample tables.

select agent_sync.enable('public.projects');
select agent_sync.enable('public.artifacts');
