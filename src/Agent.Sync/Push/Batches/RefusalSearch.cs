namespace Agent.Sync.Push.Batches;

/// <summary>
/// Whether refusals that may be about a row or about the whole table are about a row: they are once another change of the dataset has gone through, or was refused
/// for its own reason. Safe for concurrent use.
/// </summary>
internal sealed class RefusalSearch
{
    /// <summary>A batch of 500 in sixteenths: if none of so many went through, no row is at fault.</summary>
    private const int MaxFruitless = 64;

    /// <summary>A busy row uses up all the attempts of a request.</summary>
    private const int BusyCost = 4;

    /// <summary>Each takes minutes. After three of them without any success, the cause is the server or the network.</summary>
    private const int UnansweredCost = 22;

    /// <summary>Enough to find the one row of a batch of 5,000 that is never answered.</summary>
    private const int MaxUnanswered = 14;

    private int _unanswered;
    private SyncException? _firstUnanswered;
    private int _fruitless;
    private bool _hasWitness;

    /// <summary>Gets a value indicating whether another change has gone through.</summary>
    public bool HasWitness => Volatile.Read(ref _hasWitness);

    /// <summary>Gets a value indicating whether something was refused and nothing has gone through yet: then large parts of a batch reveal more than small ones.</summary>
    public bool IsSearching => !HasWitness && Volatile.Read(ref _fruitless) > 0;

    /// <summary>Gets a value indicating whether every row evidently gets the same answer: nothing more of the dataset is sent.</summary>
    public bool IsHopeless => !HasWitness && Volatile.Read(ref _fruitless) >= MaxFruitless;

    /// <summary>Gets the code of the last refusal.</summary>
    public string? Code { get; private set; }

    /// <summary>Gets the failure of the first change that was sent by itself and never answered; null when there is none.</summary>
    public SyncException? Unanswered => Volatile.Read(ref _firstUnanswered);

    public void RecordWitness() => Volatile.Write(ref _hasWitness, true);

    /// <summary>Counts a refused request, or a change that was refused by itself.</summary>
    public void CountFruitless(string? code, bool isBusy)
    {
        Code = code;
        Interlocked.Add(ref _fruitless, isBusy ? BusyCost : 1);
    }

    /// <summary>Counts a request that was not answered in time.</summary>
    /// <param name="failure">What it failed with.</param>
    /// <param name="isAlone">Whether it carried a single change.</param>
    /// <returns>Whether other requests are worth sending.</returns>
    public bool CountUnanswered(SyncException failure, bool isAlone)
    {
        if (isAlone)
        {
            Interlocked.CompareExchange(ref _firstUnanswered, failure, null);
        }

        Interlocked.Add(ref _fruitless, UnansweredCost);
        return Interlocked.Increment(ref _unanswered) < MaxUnanswered && !IsHopeless;
    }
}
