using System.Buffers.Text;
using Agent.Sync.Checkpoints;
using Agent.Sync.Engine;
using Agent.Sync.Tests.Fakes;
using CsCheck;

namespace Agent.Sync.Tests.Engine;

public sealed class CursorTokensTests
{
    private static readonly ContentSeal Seal = new([], new byte[32]);
    private static readonly CursorPosition Position = new(PageOrder.Cursor, "2026-03-01T12:00:00.000001+00:00", ["canary"]);

    [Fact]
    public void Open_AnyPosition_GivesItBack()
    {
        Gen.Select(Gen.String, Gen.String[0, 40].Array[1, 3]).Sample((cursor, keys) =>
        {
            // Half a surrogate pair never comes from a page.
            var position = new CursorPosition(PageOrder.Cursor, cursor.Normalize(), keys);

            Assert.Equal(position, Tokens().Open(Cursor.FromToken(Tokens().Issue(position).ToToken())));
        });
    }

    [Fact]
    public void Open_AnyCharacterChanged_IsRefused()
    {
        var token = Tokens().Issue(Position).ToToken();
        for (var index = 0; index < token.Length; index++)
        {
            foreach (var other in "AZaz09-_")
            {
                if (token[index] != other)
                {
                    AssertRefused($"{token[..index]}{other}{token[(index + 1)..]}");
                }
            }
        }
    }

    [Fact]
    public void Open_TruncatedOrExtended_IsRefused()
    {
        var token = Tokens().Issue(Position).ToToken();
        for (var length = 0; length < token.Length; length++)
        {
            AssertRefused(token[..length]);
        }

        AssertRefused(token + "A");
        AssertRefused(token + "AAAA");
        AssertRefused(token + "=");
        AssertRefused(token + " ");
    }

    [Fact]
    public void Open_AnotherUsersOrDatasetsToken_IsRefused()
    {
        AssertRefused(Tokens(user: "other").Issue(Position).ToToken());
        AssertRefused(Tokens(dataset: Items.Define().Column("extra", ColumnType.Text).Build()).Issue(Position).ToToken());
        AssertRefused(Tokens(dataset: Items.Define().Where("name", FilterOperator.Equal, "a").Build()).Issue(Position).ToToken());
    }

    [Fact]
    public void Open_FutureVersion_SaysSo()
    {
        var bytes = Base64Url.DecodeFromChars(Tokens().Issue(Position).ToToken());
        bytes[0] = 2;

        Assert.Contains("newer version", AssertRefused(Base64Url.EncodeToString(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_KeysRotated_StillAcceptsTheOldOne()
    {
        var first = new SealingKey(1, [.. Enumerable.Repeat((byte)1, 32)]);
        var second = new SealingKey(2, [.. Enumerable.Repeat((byte)2, 32)]);
        var cursor = Tokens(new ContentSeal([first], new byte[32])).Issue(Position);

        Assert.Equal(Position, Tokens(new ContentSeal([second, first], new byte[32])).Open(cursor));
        Assert.Throws<SyncProtocolException>(() => Tokens(new ContentSeal([second], new byte[32])).Open(cursor));
    }

    [Fact]
    public void Issue_KeyTooLongForAToken_IsATypedErrorWithoutTheKey()
    {
        var position = Position with { KeyValues = [new string('k', 4096)] };

        var exception = Assert.Throws<SyncProtocolException>(() => Tokens().Issue(position));

        Assert.DoesNotContain("kkk", exception.ToString(), StringComparison.Ordinal);
    }

    private static SyncProtocolException AssertRefused(string token)
    {
        var exception = Assert.Throws<SyncProtocolException>(() => Tokens().Open(Cursor.FromToken(token)));
        Assert.Equal(SyncErrorKind.CursorRefused, exception.Kind);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
        if (token.Length > 3)
        {
            Assert.DoesNotContain(token, exception.ToString(), StringComparison.Ordinal);
        }

        return exception;
    }

    private static CursorTokens Tokens(ContentSeal? seal = null, string user = "user", Dataset? dataset = null)
    {
        var scoped = dataset ?? Items.Dataset;
        return new CursorTokens(seal ?? Seal, scoped, ScopeStamp.For(scoped, new Uri("https://project.example"), user, "authenticated"));
    }
}
