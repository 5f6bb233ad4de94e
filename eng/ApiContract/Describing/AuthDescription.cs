using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What a <c>SupabaseSession</c> sends; an app with a session of its own sends none of it.</summary>
internal static class AuthDescription
{
    private const string Tag = "auth";
    private const string Password = "auth.password";
    private const string Refresh = "auth.refresh";

    public static void AddTo(OpenApiDocument document)
    {
        document.Tags!.Add(new OpenApiTag { Name = Tag, Description = "Sign-in, refresh and sign-out, when the app uses the library's own session." });
        var text = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 };
        document.Components!.Schemas![Password] = Schemas.Record("A sign-in. Kept nowhere.", ("email", text), ("password", text));
        document.Components.Schemas[Refresh] = Schemas.Record("A refresh token, which is good for one use.", ("refresh_token", text));
        document.Paths["/auth/v1/token"] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = Token(document) } };
        document.Paths["/auth/v1/logout"] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = Logout(document) } };
    }

    private static OpenApiOperation Token(OpenApiDocument document) => new()
    {
        OperationId = "auth.token",
        Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
        Summary = "Gets an access token",
        Security = Credentials.KeyOnly(document),
        Parameters =
        [
            QueryParameters.Create("grant_type", Schemas.Values(null, "password", "refresh_token"), "What is given for the token.", isRequired: true),
            .. Headers.Common(document),
        ],
        RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = Answers.Body(Schemas.OneOf(Schemas.Named(document, Password), Schemas.Named(document, Refresh))),
        },
        Responses = Answers.Of(document, "200", "The session. Only these members are read.", new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "access_token", "refresh_token", "expires_in" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["access_token"] = Schemas.Text("The user's token."),
                ["refresh_token"] = Schemas.Text("For the next refresh."),
                ["expires_in"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The token's life in seconds." },
            },
        }),
        Extensions = RequestShape.ExtensionOf(
            new RequestShape("password", "Signs a user in.") { Query = [new("grant_type", "^password$")], Body = Password },
            new RequestShape("refresh", "Gets a new access token before the old one ends, or once after a 401.") { Query = [new("grant_type", "^refresh_token$")], Body = Refresh }),
    };

    private static OpenApiOperation Logout(OpenApiDocument document) => new()
    {
        OperationId = "auth.logout",
        Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
        Summary = "Ends this session on the server",
        Security = Credentials.KeyAndUser(document),
        Parameters =
        [
            QueryParameters.Create("scope", Schemas.Values(null, "local"), "This session only; the user's others stay.", isRequired: true),
            .. Headers.Common(document),
        ],
        Responses = Answers.Of(document, "204", "Signed out.", body: null),
        Extensions = RequestShape.ExtensionOf(new RequestShape("sign-out", "Ends the session.") { Query = [new("scope", "^local$")] }),
    };
}
