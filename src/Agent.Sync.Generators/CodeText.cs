using System.Text;

namespace Agent.Sync.Generators;

/// <summary>Lines with braces and their indentation.</summary>
internal sealed class CodeText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    public void Line(string line = "")
    {
        if (line.Length > 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
    }

    public void Open()
    {
        Line("{");
        _depth++;
    }

    public void Close(string end = "")
    {
        _depth--;
        Line("}" + end);
    }

    public void CloseAll()
    {
        while (_depth > 0)
        {
            Close();
        }
    }

    public override string ToString() => _text.ToString();
}
