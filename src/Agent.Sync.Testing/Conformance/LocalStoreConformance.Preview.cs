using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Conformance;

#pragma warning disable CA1707 // The names of the cases read as sentences.
#pragma warning disable CS1591 // And so they are their own documentation.

namespace Agent.Sync.Testing;

/// <content>A preview is optional: these cases pass at once for a store that has none.</content>
public abstract partial class LocalStoreConformance
{
    public async Task Preview_Batch_TellsWhatAnApplyDoesAndChangesNothing()
    {
        var store = await OpenPreparedAsync().ConfigureAwait(false);
        await ApplyAsync(store, Row("a", 1, "one"), Row("b", 1, "two"), Row("c", 1, "three")).ConfigureAwait(false);
        string[] rows = [Row("a", 1, "one"), Row("b", 2, "newer"), Row("c", 2, "three", isDeleted: true), Row("d", 1, "four")];
        using var page = Page.Parse(Items, Encoding.UTF8.GetBytes($"[{string.Join(',', rows)}]"));

        var preview = await store.PreviewAsync(new ApplyBatch(Items, [page], Checkpoint: null, Generation: null), CancellationToken.None).ConfigureAwait(false);
        if (preview is null)
        {
            return;
        }

        Expect.Equal(new ApplyResult(2, 1, 1), preview.Result, "the counts of the preview");
        Expect.Equal((3L, 0L, true), (preview.LocalRows, preview.Contested, preview.State.HasRows), "the rows before");
        await HoldsAsync(store, "a=one", "b=two", "c=three").ConfigureAwait(false);
        Expect.Equal(preview.Result, await ApplyAsync(store, rows).ConfigureAwait(false), "the counts of the apply");
        await HoldsAsync(store, "a=one", "b=newer", "d=four").ConfigureAwait(false);
    }

    public async Task Preview_BeforeThePreparation_TellsItsState()
    {
        var store = await OpenAsync().ConfigureAwait(false);
        var preview = await store.PreviewAsync(new ApplyBatch(Items, [], Checkpoint: null, Generation: null), CancellationToken.None).ConfigureAwait(false);
        if (preview is null)
        {
            return;
        }

        Expect.Equal((0L, default, false), (preview.LocalRows, preview.Result, preview.State.HasRows), "the preview");
        Expect.Equal(false, (await store.PrepareAsync(Items, CancellationToken.None).ConfigureAwait(false)).HasRows, "whether there are rows");
    }
}
