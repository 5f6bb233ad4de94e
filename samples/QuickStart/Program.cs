using System.CommandLine;

RootCommand root = new("Syncs a Supabase table into a local SQLite file.");

return await root.Parse(args).InvokeAsync();
