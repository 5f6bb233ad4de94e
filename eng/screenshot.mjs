// Draws what a command printed as a picture of a terminal, for the README.
//
//   ./eng/demo.sh --fresh | node eng/screenshot.mjs "./eng/demo.sh" > docs/demo.svg
//
// The first argument is the command line that the picture shows. Lines that name a file of the machine are left out.
import { text } from "node:stream/consumers";

const command = process.argv[2] ?? "";
const printed = (await text(process.stdin)).replaceAll(/\u001b\[[0-9;]*m/g, "").trimEnd().split("\n");
const lastLine = printed.findIndex((line) => line === "Next");
const lines = printed
  .slice(0, lastLine < 0 ? printed.length : lastLine)
  .filter((line) => !/^(file|to do)\s/.test(line))
  .map((line) => line.trimEnd());
while (lines.at(-1) === "") lines.pop();

const [charWidth, lineHeight, padding, header] = [8.43, 19, 16, 34];
const width = Math.ceil(Math.max(...lines.map((line) => line.length), 60) * charWidth) + 2 * padding;
const height = header + (lines.length + 2) * lineHeight + padding;

const escape = (part) => part.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

// The console colours a line by what it is about; without a terminal it does not, so the picture does.
function colourOf(line) {
  if (/complete$|^Completed|^grade\s+Exact/.test(line)) return "#7ee787";
  if (/^(conflict|rejected|quarantine)\s/.test(line)) return "#f2cc60";
  if (/rows\/s/.test(line)) return "#79c0ff";
  return "#c9d1d9";
}

const rows = [`$ ${command}`, "", ...lines].map((line, index) => {
  const y = header + (index + 1) * lineHeight;
  const label = /^([a-z ]{2,10}?)(\s{2,})(.*)$/.exec(line);
  const content = label && label[1].length + label[2].length >= 10
    ? `<tspan fill="#8b949e">${escape(label[1] + label[2])}</tspan>${escape(label[3])}`
    : escape(line);
  return `<text x="${padding}" y="${y}" fill="${index === 0 ? "#ffffff" : colourOf(line)}" xml:space="preserve">${content}</text>`;
});

console.log(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Output of ${escape(command)}">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="18" r="6" fill="#ff5f56"/><circle cx="40" cy="18" r="6" fill="#ffbd2e"/><circle cx="60" cy="18" r="6" fill="#27c93f"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">
${rows.join("\n")}
</g>
</svg>`);
