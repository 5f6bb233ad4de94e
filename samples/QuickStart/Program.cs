using QuickStart.Commands;

return await CommandTree.RunAsync(args);
