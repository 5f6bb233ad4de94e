using System.Globalization;
using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>Describes every request that the library sends for some datasets, as OpenAPI 3.1.</summary>
public static class ApiDescription
{
    private const string Text =
        """
        Every request that Agent.Sync sends, for the tables of its sample. It is a description of the client: what a server offers
        beyond it is not in here. Your own tables are used in the same way, with their names and columns in place of these.

        One path and method may serve several purposes. `x-requests` in an operation names each of them, with the parameters
        and headers that are part of it: a request matches one of them, or it is not one of this library's. A query parameter that
        is not marked as required there may be missing.

        A request never carries more than: the project's publishable key, the signed-in user's token, the names and version in
        `User-Agent` and `X-Client-Info`, positions in the table and filters (query), and the user's own local changes (bodies).
        """;

    /// <summary>Returns the description's text, with line feeds and one at its end.</summary>
    public static string Write(IReadOnlyList<Dataset> datasets)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Describe(datasets).SerializeAsV31(new OpenApiJsonWriter(text));
        return text.ToString().ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    private static OpenApiDocument Describe(IReadOnlyList<Dataset> datasets)
    {
        var document = new OpenApiDocument
        {
            Info = new OpenApiInfo { Title = "What Agent.Sync sends", Version = "1", Description = Text.ReplaceLineEndings("\n") },
            Servers =
            [
                new OpenApiServer
                {
                    Url = "{project}",
                    Description = "The project's URL, as the app configures it. HTTPS, except on loopback during development.",
                    Variables = new Dictionary<string, OpenApiServerVariable>
                    {
                        ["project"] = new() { Default = "https://project.example", Description = "The URL before /rest/v1 and /auth/v1." },
                    },
                },
            ],
            Components = new OpenApiComponents
            {
                Schemas = new Dictionary<string, IOpenApiSchema>(),
                Parameters = new Dictionary<string, IOpenApiParameter>(),
                Responses = new Dictionary<string, IOpenApiResponse>(),
                SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(),
            },
            Paths = [],
            Tags = new HashSet<OpenApiTag>(),
        };
        Credentials.AddTo(document);
        Headers.AddTo(document);
        Answers.AddTo(document);
        foreach (var dataset in datasets)
        {
            TableDescription.AddTo(document, dataset);
        }

        KitDescription.AddTo(document, datasets);
        AuthDescription.AddTo(document);
        return document;
    }
}
