using Microsoft.OpenApi;

namespace ApiContract.Describing;

/// <summary>The two headers that say which project and which user.</summary>
internal static class Credentials
{
    private const string Key = "apikey";
    private const string Token = "user";

    public static void AddTo(OpenApiDocument document)
    {
        document.Components!.SecuritySchemes![Key] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = "apikey",
            Description = "The project's publishable (or legacy anon) key. It names the project and gives no rights of its own. A secret key is refused unless the app allows it.",
        };
        document.Components.SecuritySchemes[Token] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "The signed-in user's access token. Row-level security decides by it. Without a session nothing is sent.",
        };
    }

    public static List<OpenApiSecurityRequirement> KeyOnly(OpenApiDocument document) => [new() { [new OpenApiSecuritySchemeReference(Key, document)] = [] }];

    public static List<OpenApiSecurityRequirement> KeyAndUser(OpenApiDocument document) =>
        [new() { [new OpenApiSecuritySchemeReference(Key, document)] = [], [new OpenApiSecuritySchemeReference(Token, document)] = [] }];
}
