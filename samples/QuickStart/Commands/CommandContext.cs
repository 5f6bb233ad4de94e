using System.CommandLine;
using Microsoft.Extensions.Logging;
using QuickStart.Output;

namespace QuickStart.Commands;

/// <summary>What a command works with.</summary>
internal sealed record CommandContext(ParseResult Parsed, IOutput Output, ILoggerFactory Loggers, CancellationToken Cancelled);
