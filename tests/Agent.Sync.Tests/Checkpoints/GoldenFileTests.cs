using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Files;

namespace Agent.Sync.Tests.Checkpoints;

/// <summary>
/// Files as version 1 of the format left them, made by a program of another language from the format's description. Users have such files: they are
/// read by every later version. A change of the format gets a new version, and files of its own here.
/// </summary>
public sealed class GoldenFileTests : IDisposable
{
    /// <summary>The bytes 0 to 31, and their SHA-256.</summary>
    private const string KeyFile =
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9jDc0pZsQzZpESVEi7sltP9BKknHMtssirwbhYG9cQ3Q==";

    /// <summary>Revision 5 of the checkpoint of the dataset "notes".</summary>
    private const string CheckpointFile =
        "QVNZTgEAAQAmFfulEqFpRpCWCSwVVjDb10zYiTuOXmsFAAAAAAAAAAEAKjpbyADXZqgInyQ0GHMcbknZwgf1goALaL7n0Hg7LXJ7IlNjb3BlIjp7IlByb2pl"
        + "Y3QiOiJwIiwiVXNlciI6InUiLCJSb2xlIjoiciIsIkZpbHRlciI6ImYiLCJTY2hlbWEiOiJzIn0sIkNvbHVtbnMiOlt7Ik5hbWUiOiJpZCIsIlR5cGUiOiJJ"
        + "bnRlZ2VyIn0seyJOYW1lIjoidXBkYXRlZF9hdCIsIlR5cGUiOiJUaW1lc3RhbXB0eiJ9XSwiU3RvcmVJZCI6IjExMTExMTExLTIyMjItMzMzMy00NDQ0LTU1"
        + "NTU1NTU1NTU1NSIsIlBoYXNlIjoiRGVsdGEiLCJHcmFkZSI6IkV4YWN0IiwiRXBvY2giOiJlIiwiTWFyayI6Im0iLCJSYW5nZXMiOltdLCJTZXR0bGVkIjp7"
        + "Ik9yZGVyIjoiQ3Vyc29yIiwiQ3Vyc29yVmFsdWUiOiIyMDI2LTAzLTAxVDEyOjAwOjAwXHUwMDJCMDA6MDAiLCJLZXlWYWx1ZXMiOlsiNyJdfSwiUm93c0Nv"
        + "bXBsZXRlZCI6NywiU2F2ZWRBdCI6IjIwMjYtMDMtMDFUMTI6MDA6MDArMDA6MDAifdoVj7Wn2/V7LNf6bR4abYTefOooc2nQ+ed1+swBdQFw";

    /// <summary>The lease of the dataset "notes": fence 9, held by process 42 of the machine "laptop".</summary>
    private const string LeaseFile =
        "QVNZTgIAAQCCkZJPlXNvMZCWCSwVVjDb10zYiTuOXmsJAAAAAAAAAAEAALOmnqHaCCoAAAArAAAAAAAAAAABAgMEBQYHCAkKCwwNDg9sYXB0b3B3HzhbRb2r"
        + "X2z37DkkoJtk7wW1GfwD2aGUXStGMSQK3g==";

    private static readonly LeaseOwner Laptop = new("laptop", 42, 43, new Guid([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]));
    private static readonly DateTimeOffset Lapses = new(638_000_000_000_000_000, TimeSpan.Zero);
    private static readonly CheckpointId Slot = CheckpointId.For(SampleDatasets.Of("notes").Build());

    private readonly TemporaryDirectory _directory = new();
    private readonly FileCheckpointStore _store;

    public GoldenFileTests()
    {
        Directory.CreateDirectory(_directory.Path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.WriteAllBytes(Path.Combine(_directory.Path, "key"), Convert.FromBase64String(KeyFile));
        File.WriteAllBytes(Path.Combine(_directory.Path, "9096092c155630dbd74cd8893b8e5e6b"), Convert.FromBase64String(CheckpointFile));
        File.WriteAllBytes(Path.Combine(_directory.Path, "9096092c155630dbd74cd8893b8e5e6b.lease"), Convert.FromBase64String(LeaseFile));
        _store = new FileCheckpointStore(_directory.Path);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CheckpointState State => new()
    {
        Scope = new ScopeStamp("p", "u", "r", "f", "s"),
        Columns = [new DatasetColumn("id", ColumnType.Integer), new DatasetColumn("updated_at", ColumnType.Timestamptz)],
        StoreId = Guid.Parse("11111111-2222-3333-4444-555555555555"),
        Phase = SyncPhase.Delta,
        Grade = CompletenessGrade.Exact,
        Epoch = "e",
        Mark = "m",
        Ranges = [],
        SafePosition = new CursorPosition(PageOrder.Cursor, "2026-03-01T12:00:00+00:00", ["7"]),
        RowsCompleted = 7,
        SavedAt = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
    };

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Read_CheckpointOfVersion1_GivesItsState()
    {
        var seal = new ContentSeal([], await _store.GetOrCreateKeyAsync(Token));

        var stored = await _store.ReadAsync(Slot, Token);

        Assert.Equal(5, stored!.Revision);
        var state = CheckpointCodec.Read(seal, Slot, "notes", stored.Content);
        Assert.Equivalent(State, state, strict: true);
        Assert.Equal(State.SafePosition, state.SafePosition);
    }

    [Fact]
    public async Task Write_CheckpointOfVersion1_LeavesTheseBytes()
    {
        var key = await _store.GetOrCreateKeyAsync(Token);
        var content = CheckpointCodec.Write(new ContentSeal([], key), Slot, State);

        var file = CheckpointFileFormat.Seal(CheckpointFileFormat.CheckpointKind, Slot, CheckpointFileBody.Write(5, content), key.Span);

        Assert.Equal(CheckpointFile, Convert.ToBase64String(file));
    }

    [Fact]
    public async Task Acquire_LeaseOfVersion1_BelongsToItsHolderAndGoesOnFromItsFence()
    {
        var other = Laptop with { Instance = Guid.Empty };

        var held = await _store.AcquireLeaseAsync(Request(other, Lapses.AddTicks(-1)), Token);
        var lapsed = await _store.AcquireLeaseAsync(Request(other, Lapses), Token);

        Assert.Equal((null, Laptop, Lapses), (held.Fence, held.Holder, held.ExpiresAt));
        Assert.Equal(new Fence(10), lapsed.Fence);
    }

    private static LeaseRequest Request(LeaseOwner owner, DateTimeOffset now) => new(Slot, owner, now, TimeSpan.FromSeconds(30), static _ => false);
}
