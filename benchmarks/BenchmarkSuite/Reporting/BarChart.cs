using System.Globalization;
using System.Net;
using System.Text;

namespace BenchmarkSuite.Reporting;

/// <summary>Horizontal bars in groups, as SVG.</summary>
/// <param name="title">What is shown.</param>
/// <param name="series">The names of the bars in each group.</param>
/// <param name="format">How a value is written.</param>
/// <param name="cap">The value at which a bar ends; its text tells the rest.</param>
internal sealed class BarChart(string title, IReadOnlyList<string> series, string format, double cap = double.MaxValue)
{
    private const int Width = 860;
    private const int Left = 300;
    private const int Right = 70;
    private const int Top = 64;
    private const int BarHeight = 13;
    private const int Gap = 10;

    private static readonly string[] Colours = ["#2563eb", "#93c5fd", "#15803d", "#d97706", "#9ca3af", "#7c3aed"];

    private readonly List<(string Label, double?[] Values)> _groups = [];

    public void Add(string label, params double?[] values) => _groups.Add((label, values));

    public string Write()
    {
        var groupHeight = (BarHeight * series.Count) + Gap;
        var height = Top + (groupHeight * _groups.Count) + Gap;
        var longest = Math.Min(cap, _groups.SelectMany(static group => group.Values).Max() ?? 1);
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="{WebUtility.HtmlEncode(title)}">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>
            <text x="16" y="24" font-size="15" font-weight="600" fill="#111827">{WebUtility.HtmlEncode(title)}</text>

            """);
        var x = 16;
        for (var i = 0; i < series.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"38\" width=\"11\" height=\"11\" fill=\"{Colours[i]}\"/><text x=\"{x + 16}\" y=\"48\" fill=\"#374151\">{WebUtility.HtmlEncode(series[i])}</text>\n");
            x += 40 + (series[i].Length * 7);
        }

        for (var group = 0; group < _groups.Count; group++)
        {
            Append(svg, _groups[group], Top + (group * groupHeight), longest);
        }

        return svg.Append("</svg>\n").ToString();
    }

    private void Append(StringBuilder svg, (string Label, double?[] Values) group, int top, double longest)
    {
        var middle = top + (BarHeight * series.Count / 2) + 4;
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 10}\" y=\"{middle}\" text-anchor=\"end\" fill=\"#111827\">{WebUtility.HtmlEncode(group.Label)}</text>\n");
        for (var i = 0; i < group.Values.Length; i++)
        {
            if (group.Values[i] is { } value)
            {
                var width = Math.Max(1, Math.Min(value, longest) / longest * (Width - Left - Right));
                var y = top + (i * BarHeight);
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{width:F1}\" height=\"{BarHeight - 2}\" fill=\"{Colours[i]}\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + width + 5:F1}\" y=\"{y + 10}\" font-size=\"10\" fill=\"#374151\">{value.ToString(format, CultureInfo.InvariantCulture)}</text>\n");
            }
        }
    }
}
