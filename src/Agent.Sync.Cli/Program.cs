using Agent.Sync.Cli.Commands;

return await CommandTree.RunAsync(args);
