using System.Text.Json.Serialization;

namespace QuickStart.Demo;

[JsonSerializable(typeof(DemoState))]
internal sealed partial class DemoJsonContext : JsonSerializerContext;
