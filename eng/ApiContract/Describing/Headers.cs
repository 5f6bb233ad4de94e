using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>The headers of a request besides the credentials, <c>Accept</c> and <c>Content-Type</c>, which OpenAPI describes elsewhere.</summary>
internal static class Headers
{
    public const string AcceptProfile = "Accept-Profile";
    public const string ContentProfile = "Content-Profile";
    public const string Prefer = "Prefer";

    private const string UserAgent = "User-Agent";
    private const string ClientInfo = "X-Client-Info";
    private const string AcceptEncoding = "Accept-Encoding";

    public static void AddTo(OpenApiDocument document)
    {
        Add(document, UserAgent, Schemas.Pattern(@"^agent-sync-dotnet/[0-9A-Za-z.-]+$"), "The library's name and version.", isRequired: true);
        Add(document, ClientInfo, Schemas.Pattern(@"^agent-sync-dotnet/[0-9A-Za-z.-]+$"), "The same, where Supabase's own clients say it.", isRequired: true);
        Add(document, AcceptEncoding, Schemas.Pattern(@"^(gzip|br|gzip, ?br)$"), "Added by the HTTP handler, which decompresses.", isRequired: false);
    }

    /// <summary>Returns what every request carries.</summary>
    public static IEnumerable<IOpenApiParameter> Common(OpenApiDocument document) =>
        ((string[])[UserAgent, ClientInfo, AcceptEncoding]).Select(name => (IOpenApiParameter)new OpenApiParameterReference(name, document));

    public static OpenApiParameter Optional(string name, OpenApiSchema schema, string description) =>
        new() { Name = name, In = ParameterLocation.Header, Schema = schema, Description = description };

    private static void Add(OpenApiDocument document, string name, OpenApiSchema schema, string description, bool isRequired) =>
        document.Components!.Parameters![name] = new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Required = isRequired,
            Schema = schema,
            Description = description,
        };
}
