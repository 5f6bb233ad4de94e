using Agent.Sync;
using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>What a <c>SupabaseSession</c> sends; an app with a session of its own sends none of it.</summary>
internal static class AuthDescription
{
    private const string Tag = "auth";
    private const string Password = "auth.password";
    private const string Refresh = "auth.refresh";
    private const string Anonymous = "auth.anonymous";
    private const string EmailCode = "auth.email-code";
    private const string PhoneCode = "auth.phone-code";
    private const string ByEmailCode = "auth.by-email-code";
    private const string ByPhoneCode = "auth.by-phone-code";

    public static void AddTo(OpenApiDocument document)
    {
        document.Tags!.Add(new OpenApiTag { Name = Tag, Description = "Sign-in, refresh and sign-out, when the app uses the library's own session." });
        var text = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1 };
        document.Components!.Schemas![Password] = Schemas.Record("A sign-in. Kept nowhere.", ("email", text), ("password", text));
        document.Components.Schemas[Refresh] = Schemas.Record("A refresh token, which is good for one use.", ("refresh_token", text));
        var choice = new OpenApiSchema { Type = JsonSchemaType.Boolean };
        document.Components.Schemas[Anonymous] = Schemas.Record("A new user without an address.");
        document.Components.Schemas[EmailCode] = Schemas.Record("Where to send a code, and whether to make a user.", ("email", text), ("create_user", choice));
        document.Components.Schemas[PhoneCode] = Schemas.Record("Where to send a code, and whether to make a user.", ("phone", text), ("create_user", choice));
        document.Components.Schemas[ByEmailCode] = Schemas.Record("A code that came by mail.", ("type", Schemas.Values(null, "email")), ("email", text), ("token", text));
        document.Components.Schemas[ByPhoneCode] = Schemas.Record("A code that came by phone.", ("type", Schemas.Values(null, "sms")), ("phone", text), ("token", text));
        document.Paths["/auth/v1/signup"] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = SignUp(document) } };
        document.Paths["/auth/v1/otp"] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = Code(document) } };
        document.Paths["/auth/v1/verify"] = new OpenApiPathItem { Operations = new() { [HttpMethod.Post] = Verify(document) } };
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
        Responses = Session(document),
        Extensions = RequestShape.ExtensionOf(
            new RequestShape("password", "Signs a user in.") { Query = [new("grant_type", "^password$")], Body = Password },
            new RequestShape("refresh", "Gets a new access token before the old one ends, or once after a 401.") { Query = [new("grant_type", "^refresh_token$")], Body = Refresh }),
    };

    private static OpenApiOperation SignUp(OpenApiDocument document) => new()
    {
        OperationId = "auth.signup",
        Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
        Summary = "Makes an anonymous user",
        Security = Credentials.KeyOnly(document),
        Parameters = [.. Headers.Common(document)],
        RequestBody = new OpenApiRequestBody { Required = true, Content = Answers.Body(Schemas.Named(document, Anonymous)) },
        Responses = Session(document),
        Extensions = RequestShape.ExtensionOf(new RequestShape("anonymous", "Makes a user without an address and signs it in.") { Body = Anonymous }),
    };

    private static OpenApiOperation Code(OpenApiDocument document) => new()
    {
        OperationId = "auth.otp",
        Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
        Summary = "Sends a code",
        Security = Credentials.KeyOnly(document),
        Parameters = [.. Headers.Common(document)],
        RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = Answers.Body(Schemas.OneOf(Schemas.Named(document, EmailCode), Schemas.Named(document, PhoneCode))),
        },
        Responses = Answers.Of(document, "200", "The code was sent. The answer is not read.", new OpenApiSchema { Type = JsonSchemaType.Object }),
        Extensions = RequestShape.ExtensionOf(
            new RequestShape("email-code", "Has a code sent by mail.") { Body = EmailCode },
            new RequestShape("phone-code", "Has a code sent by phone.") { Body = PhoneCode }),
    };

    private static OpenApiOperation Verify(OpenApiDocument document) => new()
    {
        OperationId = "auth.verify",
        Tags = new HashSet<OpenApiTagReference> { new(Tag, document) },
        Summary = "Signs in by a code",
        Security = Credentials.KeyOnly(document),
        Parameters = [.. Headers.Common(document)],
        RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = Answers.Body(Schemas.OneOf(Schemas.Named(document, ByEmailCode), Schemas.Named(document, ByPhoneCode))),
        },
        Responses = Session(document),
        Extensions = RequestShape.ExtensionOf(
            new RequestShape("by-email-code", "Signs in by a code that came by mail.") { Body = ByEmailCode },
            new RequestShape("by-phone-code", "Signs in by a code that came by phone.") { Body = ByPhoneCode }),
    };

    private static OpenApiResponses Session(OpenApiDocument document) => Answers.Of(document, "200", "The session. Only these members are read.", new OpenApiSchema
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "access_token", "refresh_token", "expires_in" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["access_token"] = Schemas.Text("The user's token."),
            ["refresh_token"] = Schemas.Text("For the next refresh."),
            ["expires_in"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The token's life in seconds." },
        },
    });

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
