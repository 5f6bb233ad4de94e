using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;
using Agent.Sync.Sqlite;
using Agent.Sync.Stores;

namespace Agent.Sync.ShapeTests.Histories;

/// <summary>What the engine asks of the SQLite store.</summary>
internal interface IMortalStore : IChangeStore, ICheckpointStore, IAsyncDisposable;

/// <summary>The SQLite store, whose process may die at any call of it.</summary>
[SuppressMessage("Performance", "CA1852", Justification = "DispatchProxy derives from it.")]
internal class MortalStore : DispatchProxy
{
    private SqliteStore? _inner;
    private KillSwitch? _kill;

    public static IMortalStore Around(SqliteStore inner, KillSwitch kill)
    {
        var proxy = Create<IMortalStore, MortalStore>();
        ((MortalStore)(object)proxy)._inner = inner;
        ((MortalStore)(object)proxy)._kill = kill;
        return proxy;
    }

    [SuppressMessage("Reliability", "CA2012", Justification = "Each is awaited once, in its wrapper.")]
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IAsyncDisposable.DisposeAsync))
        {
            return ValueTask.CompletedTask;
        }

        _kill!.BeforeCall();
        try
        {
            return targetMethod.Invoke(_inner, args) switch
            {
                { } answer when targetMethod.ReturnType == typeof(ValueTask) => WrapAsync((ValueTask)answer),
                { } answer when targetMethod.ReturnType.IsGenericType && targetMethod.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>) =>
                    WrapGeneric(targetMethod.ReturnType, answer),
                var answer => answer,
            };
        }
        catch (TargetInvocationException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerException!);
            throw;
        }
    }

    private object WrapGeneric(Type type, object answer) =>
        typeof(MortalStore).GetMethod(nameof(WrapResultAsync), BindingFlags.NonPublic | BindingFlags.Instance)!
            .MakeGenericMethod(type.GetGenericArguments()[0]).Invoke(this, [answer])!;

    private async ValueTask<T> WrapResultAsync<T>(ValueTask<T> answer)
    {
        var result = await answer;
        _kill!.AfterCall();
        return result;
    }

    private async ValueTask WrapAsync(ValueTask answer)
    {
        await answer;
        _kill!.AfterCall();
    }
}
