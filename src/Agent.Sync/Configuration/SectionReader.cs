using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Configuration;

/// <summary>Reads the values of one configured object, and collects what is wrong with them. Every fault begins with its path.</summary>
/// <param name="section">The object.</param>
/// <param name="faults">Where faults are added.</param>
internal abstract class SectionReader(IConfigurationSection section, List<string> faults)
{
    protected IConfigurationSection Section { get; } = section;

    protected List<string> Faults { get; } = faults;

    /// <summary>The elements of an array, whose order the configuration keeps.</summary>
    protected static IEnumerable<IConfigurationSection> Items(IConfigurationSection array, List<string> faults)
    {
        if (array.Value is { Length: > 0 })
        {
            faults.Add($"{array.Path} must be an array.");
        }

        foreach (var item in array.GetChildren())
        {
            if (item.Key.All(char.IsAsciiDigit))
            {
                yield return item;
            }
            else
            {
                faults.Add($"{item.Path} is not an element of an array: write {array.Path} as an array, whose order counts.");
            }
        }
    }

    protected bool IsObject(IConfigurationSection section, string[] known)
    {
        if (section.Value is { Length: > 0 } || !section.GetChildren().Any())
        {
            Fault(section, $"must be an object with some of {string.Join(", ", known)}");
            return false;
        }

        foreach (var unknown in section.GetChildren().Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            Fault(unknown, $"is not known: there are {string.Join(", ", known)}");
        }

        return true;
    }

    protected List<(string Path, string Text)> Texts(string key)
    {
        List<(string, string)> texts = [];
        foreach (var item in Items(Section.GetSection(key), Faults))
        {
            if (item.Value is { Length: > 0 } text)
            {
                texts.Add((item.Path, text));
            }
            else
            {
                Fault(item, "must be the name of a column");
            }
        }

        return texts;
    }

    protected string? Text(string key, bool isRequired = false)
    {
        var section = Section.GetSection(key);
        if (section.GetChildren().Any() || section is { Value: "" })
        {
            Fault(section, "must be a name");
        }
        else if (isRequired && section.Value is null)
        {
            Fault(section, "is missing: it is required");
        }

        return string.IsNullOrEmpty(section.Value) ? null : section.Value;
    }

    protected T? Choice<T>(string key, params T[] choices)
        where T : struct, Enum
    {
        var section = Section.GetSection(key);
        return !section.Exists() ? null : TryChoice(section, choices, static choice => choice.ToString(), out var chosen) ? chosen : null;
    }

    protected bool TryChoice<T>(IConfigurationSection section, T[] choices, Func<T, string> name, out T chosen)
    {
        foreach (var choice in choices)
        {
            if (string.Equals(section.Value, name(choice), StringComparison.OrdinalIgnoreCase))
            {
                chosen = choice;
                return true;
            }
        }

        Fault(section, $"must be one of {string.Join(", ", choices.Select(name))}");
        chosen = choices[0];
        return false;
    }

    protected T? Try<T>(string key, Func<T> step)
        where T : class => TryAt(key.Length == 0 ? Section.Path : $"{Section.Path}:{key}", step);

    protected T? TryAt<T>(string path, Func<T> step)
        where T : class
    {
        try
        {
            return step();
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            var message = exception is ArgumentException { ParamName: { } parameter } ? exception.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal) : exception.Message;
            Faults.Add($"{path}: {message}");
            return null;
        }
    }

    protected void Fault(IConfigurationSection section, string what) => Faults.Add($"{section.Path} {what}.");
}
