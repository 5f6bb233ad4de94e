using Agent.Sync.Checkpoints;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class ContentSealTests
{
    private static readonly byte[] Payload = [1, 2, 3, 4, 5];
    private static readonly byte[] StoreKey = [.. Enumerable.Repeat((byte)7, 32)];

    [Fact]
    public void Open_WhatWasSealed_GivesThePayload()
    {
        var seal = new ContentSeal([], StoreKey);

        Assert.Equal(SealCheck.Genuine, seal.Open("a", seal.Seal("a", Payload), out var payload));
        Assert.Equal(Payload, payload.ToArray());
        Assert.Equal(SealCheck.Genuine, seal.Open("a", seal.Seal("a", []), out _));
    }

    [Fact]
    public void Open_AnyBitFlipped_IsRefused()
    {
        var seal = new ContentSeal([Key(1), Key(2)], StoreKey);
        var content = seal.Seal("a", Payload);
        for (var bit = 0; bit < content.Length * 8; bit++)
        {
            var changed = content.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.NotEqual(SealCheck.Genuine, seal.Open("a", changed, out var payload));
            Assert.True(payload.IsEmpty);
        }
    }

    [Fact]
    public void Open_TruncatedOrExtended_IsRefused()
    {
        var seal = new ContentSeal([], StoreKey);
        var content = seal.Seal("a", Payload);
        for (var length = 0; length < content.Length; length++)
        {
            Assert.NotEqual(SealCheck.Genuine, seal.Open("a", content.AsMemory(0, length), out _));
        }

        Assert.Equal(SealCheck.Forged, seal.Open("a", (byte[])[.. content, 0], out _));
    }

    [Fact]
    public void Open_SealedForAnotherContextOrByAnotherKey_IsRefused()
    {
        var seal = new ContentSeal([], StoreKey);

        Assert.Equal(SealCheck.Forged, seal.Open("b", seal.Seal("a", Payload), out _));
        Assert.Equal(SealCheck.Forged, new ContentSeal([], new byte[32]).Open("a", seal.Seal("a", Payload), out _));
        Assert.Equal(SealCheck.UnknownKey, seal.Open("a", new ContentSeal([Key(9)], StoreKey).Seal("a", Payload), out _));
    }

    [Fact]
    public void Open_KeyRotated_IsStillAccepted()
    {
        var old = new ContentSeal([Key(1)], StoreKey).Seal("a", Payload);
        var rotated = new ContentSeal([Key(2), Key(1)], StoreKey);

        Assert.Equal(SealCheck.Genuine, rotated.Open("a", old, out _));
        Assert.Equal(2, rotated.Seal("a", Payload)[1]);
        Assert.Equal(SealCheck.Genuine, rotated.Open("a", new ContentSeal([], StoreKey).Seal("a", Payload), out _));
        Assert.Equal(SealCheck.UnknownKey, new ContentSeal([Key(2)], StoreKey).Open("a", old, out _));
    }

    [Fact]
    public void Open_NewerVersion_SaysSo()
    {
        var seal = new ContentSeal([], StoreKey);
        var content = seal.Seal("a", Payload);
        content[0]++;

        Assert.Equal(SealCheck.NewerVersion, seal.Open("a", content, out _));
    }

    private static SealingKey Key(byte id) => new(id, [.. Enumerable.Repeat(id, 32)]);
}
