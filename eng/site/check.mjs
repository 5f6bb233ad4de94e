// Follows every relative link of the built site, and its anchor. Argument: the site's folder.
import fs from 'node:fs';
import path from 'node:path';

const site = process.argv[2];
const pages = fs.readdirSync(site, { recursive: true }).filter((file) => file.endsWith('.html'));
const texts = new Map(pages.map((page) => [page.replaceAll('\\', '/'), fs.readFileSync(path.join(site, page), 'utf8')]));
const ids = new Map([...texts].map(([page, text]) => [page, new Set([...text.matchAll(/\s(?:id|name)="([^"]+)"/g)].map((match) => match[1]))]));
const unescape = (text) => decodeURIComponent(text.replaceAll('&amp;', '&'));
const broken = [];
let links = 0;
for (const [page, text] of texts) {
  for (const [, href] of text.matchAll(/<(?:a|img)\s[^>]*?(?:href|src)="([^"]*)"/g)) {
    if (/^\w+:|^\/\//.test(href)) continue;
    links++;
    const [to, anchor] = href.split('#', 2).map(unescape);
    const target = to === '' ? page : path.posix.normalize(path.posix.join(path.posix.dirname(page), to));
    if (!fs.existsSync(path.join(site, target)) || (anchor && texts.has(target) && !ids.get(target).has(anchor))) broken.push(`${page}: ${href}`);
  }
}

if (broken.length > 0 || links < 1000) {
  console.error(`${broken.join('\n')}\n${broken.length} of ${links} links of the site lead nowhere.`);
  process.exit(1);
}

console.log(`${texts.size} pages, ${links} links, none broken`);
