using Spectre.Console;

namespace QuickStart.Output;

/// <summary>Where text goes: what was asked for, and what went wrong.</summary>
internal sealed record TextWriterPair(IAnsiConsole Out, IAnsiConsole Error);
