using BackendHost;
using BenchmarkSuite;

try
{
    var options = SuiteOptions.Read(args);
    await new Suite(options).RunAsync();
    return 0;
}
catch (Exception exception) when (exception is FormatException or LocalBackendException)
{
    Console.Error.WriteLine($"{exception.Message}\n\n{SuiteOptions.Usage}");
    return 1;
}
