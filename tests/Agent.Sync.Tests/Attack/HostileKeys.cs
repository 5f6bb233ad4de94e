namespace Agent.Sync.Tests.Attack;

/// <summary>Texts that PostgreSQL holds and that mean something in a URL, in a filter, in SQL or in JSON.</summary>
internal static class HostileKeys
{
    public static IReadOnlyList<string> All { get; } =
    [
        string.Empty, " ", "  ", "a", "A", "b", "'", "''", "\"", "\"\"", "\"a\"", "\"a", "a\"", "\\", "\\\\", "\\\"", "\"\\", "a\\", "\\a", "\\n", ",", ",,", "a,b", "(", ")", "()", ")(", "(a)", "))", "(((", "a)", ")a", "{", "}", "{}", "{a}", "{\"a\"}", "[", "]", "[1]",
        ".", "..", "...", ".a", "a.", "a.b", "/", "//", "../", "../../etc/passwd", "%", "%%", "%2", "%20", "%2C", "%22", "%00", "%25", "%zz", "+", "a+b", "a b", "&", "&&", "a&b=c", "=", "?", "#", "a#b", ";", ":", "@", "!", "$", "^", "*", "~", "`", "|", "<", ">", "<>", "-", "--", "-1", "/*", "*/",
        "null", "NULL", "true", "false", "not", "not.", "is.null", "eq", "eq.", "eq.a", "neq.a", "gt.a", "in.(a)", "in.(\"a\")", "and", "or", "and()", "or()", "and(id.eq.a)", "or=(id.eq.a)", "id.eq.a", "not.id.eq.a", "),id.gt.(", "\"),or(id.neq.\"", "a\",id.neq.\"b", "a,id.neq.b", "x)&id=neq.x&or=(id.eq.x", "*,count()",
        "limit=1", "&limit=1", "&offset=1", "&select=id", "&order=id.desc", "id", "public.items", "'; drop table items; --", "' or '1'='1", "\" or \"1\"=\"1", "${jndi:ldap://x}", "{{x}}", "<script>", "\u0001", "\t", "\n", "\r\n", "a\r\nX-A: 1", "\u007f", "\u0085", "\u00a0", "\u00e4", "a\u0308", "\u200b", "\u202e", "\ufeff", "\ufffd", "\uffff",
        "\ud83d\ude00", "\ud83d\ude00\ud83d\ude00", "\u4e2d\u6587", "\u0627\u0644", "1", "01", "1.0", "1e5", "NaN", "Infinity", "00000000-0000-0000-0000-000000000000", "2026-01-01T00:00:00+00:00", new string('"', 50), new string('\\', 51), new string('a', 10_240), new string('\u00e4', 5_000), string.Concat(Enumerable.Repeat("\\\",)", 500)),
    ];
}
