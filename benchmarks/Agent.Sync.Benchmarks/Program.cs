using Agent.Sync.Benchmarks.EndToEnd;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

if (args.Length > 0 && EndToEndCommand.Handles(args[0]))
{
    return await EndToEndCommand.RunAsync(args);
}

if (args is ["smoke"])
{
    // One operation of each, in this process: whether they run, not how fast.
    var once = Job.Dry.WithToolchain(InProcessNoEmitToolchain.Instance).AsMutator();
    var config = ManualConfig.CreateEmpty().AddJob(once).AddLogger(ConsoleLogger.Default);
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).RunAll(config);
    return summaries.All(static summary => summary.Reports.Length > 0 && summary.Reports.All(static report => report.Success)) ? 0 : 1;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
