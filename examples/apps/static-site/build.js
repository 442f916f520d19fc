const { createHash } = require('node:crypto');
const { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { marked } = require('marked');

const here = (...parts) => path.join(__dirname, ...parts);
const out = process.argv[2] ?? here('dist');

rmSync(out, { recursive: true, force: true });
mkdirSync(path.join(out, 'assets'), { recursive: true });

const assets = Object.fromEntries(readdirSync(here('assets')).map((name) => [name, copyAsset(name)]));
const pages = readdirSync(here('content')).map((name) => name.replace(/\.md$/, ''));
for (const page of pages) writeFileSync(path.join(out, `${page}.html`), render(page));
console.log(`${pages.length} pages, ${Object.keys(assets).length} assets`);

/** A name that changes with the content can be kept by browsers for ever. */
function copyAsset(name) {
  const content = readFileSync(here('assets', name));
  const { name: stem, ext } = path.parse(name);
  const hashed = `${stem}.${createHash('sha256').update(content).digest('hex').slice(0, 10)}${ext}`;
  writeFileSync(path.join(out, 'assets', hashed), content);
  return `/assets/${hashed}`;
}

function render(page) {
  const body = marked.parse(readFileSync(here('content', `${page}.md`), 'utf8'));
  const links = pages.map((name) => `<a href="/${name === 'index' ? '' : `${name}.html`}">${name}</a>`).join(' ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Garden notes: ${page}</title>
<link rel="stylesheet" href="${assets['site.css']}">
<script src="${assets['site.js']}" defer></script>
</head>
<body>
<nav>${links}</nav>
${body}</body>
</html>
`;
}
