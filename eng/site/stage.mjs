// Copies the pages to where docfx reads them, so that every link that works in the repository works on the site: a linked source file becomes a page with its text, a
// linked folder one with the names in it, and README.md the front page. Writes the tables of contents: the guide's order is that of the table in the README.
// Arguments: the repository, the folder to write to.
import fs from 'node:fs';
import path from 'node:path';

const [root, stage] = process.argv.slice(2);
const images = new Set(['.svg', '.png']);
const languages = { '.cs': 'csharp', '.json': 'json', '.sql': 'sql', '.sh': 'bash', '.mjs': 'javascript', '.txt': 'text' };
const staged = new Set();

/** Calls back for each link to a file, outside of code, and puts its answer in place of the target. */
const mapLinks = (text, map) => text
  .split(/(^```[\s\S]*?^```|`[^`\n]+`(?!\]))/m)
  .map((part, index) => (index % 2 === 1 ? part : part.replace(/\]\(([^)\s]+)\)/g, (link, target) => (/^(?:\w+:|#)/.test(target) ? link : `](${map(target)})`))))
  .join('');

/** Returns where a file or folder of the repository is on the site, and stages it. */
function place(file) {
  const name = file === 'README.md' ? 'index.md'
    : file.endsWith('.md') || images.has(path.extname(file)) ? file
    : fs.statSync(path.join(root, file)).isDirectory() ? path.posix.join(file, 'index.md')
    : `${file}.md`;
  if (!staged.has(name)) {
    staged.add(name);
    write(name, content(file, name));
  }

  return name;
}

function content(file, name) {
  const full = path.join(root, file);
  if (fs.statSync(full).isDirectory()) {
    const names = fs.readdirSync(full).filter((entry) => !['bin', 'obj', 'node_modules'].includes(entry)).sort();
    return `# ${file}\n\n${names.map((entry) => `- \`${entry}\``).join('\n')}\n`;
  }

  if (name === file && !file.endsWith('.md')) {
    return fs.readFileSync(full);
  }

  const text = fs.readFileSync(full, 'utf8');
  if (!file.endsWith('.md')) {
    const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map((match) => match[0].length + 1)));
    return `# ${path.basename(file)}\n\n\`${file}\`\n\n${fence}${languages[path.extname(file)] ?? ''}\n${text.trimEnd()}\n${fence}\n`;
  }

  return mapLinks(text, (target) => {
    const [to, anchor] = target.split('#', 2);
    const found = path.posix.normalize(path.posix.join(path.posix.dirname(file), to)).replace(/\/$/, '');
    if (!fs.existsSync(path.join(root, found))) {
      throw new Error(`${file}: ${target} leads nowhere.`);
    }

    return path.posix.relative(path.posix.dirname(name), place(found)) + (anchor === undefined ? '' : `#${anchor}`);
  });
}

function write(name, text) {
  const full = path.join(stage, name);
  fs.mkdirSync(path.dirname(full), { recursive: true });
  fs.writeFileSync(full, text);
}

const title = (file) => /^# (.+)$/m.exec(fs.readFileSync(path.join(root, file), 'utf8'))[1].replace(/`/g, '');
const toc = (entries) => entries.map(([name, href]) => `- name: ${JSON.stringify(name)}\n  href: ${href}\n`).join('');

fs.rmSync(stage, { recursive: true, force: true });
place('README.md');
place('CHANGELOG.md');
place('CONTRIBUTING.md');
const guide = [...fs.readFileSync(path.join(root, 'README.md'), 'utf8').matchAll(/^\| \[([^\]]+)\]\(docs\/([\w-]+\.md)\) \|/gm)].map((match) => [match[1], match[2]]);
const decisions = fs.readdirSync(path.join(root, 'docs/adr')).filter((file) => /^\d/.test(file)).sort().map((file) => [title(`docs/adr/${file}`), file]);
for (const [, file] of guide) place(`docs/${file}`);
for (const [, file] of decisions) place(`docs/adr/${file}`);
write('docs/toc.yml', toc(guide));
write('docs/adr/toc.yml', toc([['About these records', 'README.md'], ...decisions]));
write('toc.yml', toc([['Guide', 'docs/'], ['API', 'api/'], ['Decisions', 'docs/adr/'], ['Changelog', 'CHANGELOG.md'], ['Contributing', 'CONTRIBUTING.md']]));
fs.copyFileSync(path.join(root, 'eng/site/docfx.json'), path.join(stage, 'docfx.json'));
