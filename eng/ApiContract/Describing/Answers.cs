using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What a request may be answered with, as far as the library reads it.</summary>
internal static class Answers
{
    public const string Json = "application/json";

    private const string Failure = "failure";
    private const string Error = "error";

    public static void AddTo(OpenApiDocument document)
    {
        document.Components!.Schemas![Error] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Description = "Only `code` is read, and logged with the status. The others can carry values of rows and are dropped unread.",
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["code"] = Schemas.Nullable(Schemas.Text("A PostgreSQL SQLSTATE, such as 42501, or a PostgREST code, such as PGRST301.")),
                ["message"] = Schemas.Nullable(Schemas.Text("Not read.")),
                ["details"] = Schemas.Nullable(Schemas.Text("Not read.")),
                ["hint"] = Schemas.Nullable(Schemas.Text("Not read.")),
            },
        };
        document.Components.Responses![Failure] = new OpenApiResponse
        {
            Description = "Any failure. The code decides: retry, wait, refresh the token once, set a row aside, or stop. A redirect is never followed.",
            Content = Body(Schemas.Named(document, Error)),
        };
    }

    public static OpenApiResponses Of(OpenApiDocument document, string status, string description, IOpenApiSchema? body) =>
        Of(document, body, (status, description));

    /// <summary>Describes successes with the same body, and any failure.</summary>
    public static OpenApiResponses Of(OpenApiDocument document, IOpenApiSchema? body, params ReadOnlySpan<(string Status, string Description)> successes)
    {
        var responses = new OpenApiResponses();
        foreach (var (status, description) in successes)
        {
            responses[status] = new OpenApiResponse { Description = description, Content = body is null ? null : Body(body) };
        }

        responses["default"] = new OpenApiResponseReference(Failure, document);
        return responses;
    }

    public static Dictionary<string, IOpenApiMediaType> Body(IOpenApiSchema schema) => new() { [Json] = new OpenApiMediaType { Schema = schema } };
}
