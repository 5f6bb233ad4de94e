using Agent.Sync.Benchmarks.EndToEnd;
using BenchmarkDotNet.Running;

if (args.Length > 0 && EndToEndCommand.Handles(args[0]))
{
    return await EndToEndCommand.RunAsync(args);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
