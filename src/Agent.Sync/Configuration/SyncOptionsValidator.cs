using Microsoft.Extensions.Options;

namespace Agent.Sync.Configuration;

/// <summary>Checks single values by their attributes; the code is generated, so nothing is reflected over.</summary>
[OptionsValidator]
internal sealed partial class SyncOptionsValidator : IValidateOptions<SyncOptions>;
