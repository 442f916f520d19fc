// The licences of what is installed with mvca: `docs/dependencies.md` lists them, and `npm run check` fails for one that is not in this table.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const LIST = 'docs/dependencies.md';

/** What may be distributed with software under the MIT licence, asking for no more than to name it. */
const ALLOWED = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0', 'Unlicense'];
/** Of single packages: why. */
const EXCEPTIONS = {
  'caniuse-lite CC-BY-4.0': 'data about browsers, which webpack brings along; only named',
};
/** Packages that state their licence in a file alone, as somebody has read there. */
const READ = { 'unionfs 4.6.0': 'Unlicense' };

/** Every package of the lock file that an installation of mvca brings along. */
function dependencies() {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const found = new Map();
  for (const [place, { version, license, dev, devOptional, link }] of Object.entries(packages)) {
    if (place === '' || dev || devOptional || link) continue;
    const name = place.split('node_modules/').at(-1);
    found.set(`${name} ${version}`, { name, version, licence: license ?? READ[`${name} ${version}`] ?? null });
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** Every part of `A AND B`, or one of `A OR B`. */
function isAllowed(name, licence) {
  if (EXCEPTIONS[`${name} ${licence}`] !== undefined) return true;
  const bare = licence.replace(/[()]/g, '');
  if (bare.includes(' OR ')) return bare.split(' OR ').some((one) => ALLOWED.includes(one));
  return bare.split(' AND ').every((one) => ALLOWED.includes(one));
}

/** What is wrong, a line each. */
function check() {
  const wrong = dependencies().flatMap(({ name, version, licence }) => {
    if (licence === null)
      return [`${name} ${version} names no licence; read its files and note it in scripts/licences.js`];
    return isAllowed(name, licence)
      ? []
      : [`${name} ${version} has the licence ${licence}, which is not in scripts/licences.js`];
  });
  const list = path.join(ROOT, LIST);
  const isCurrent = existsSync(list) && readFileSync(list, 'utf8') === document();
  return isCurrent ? wrong : [...wrong, `${LIST} is not what package-lock.json says: run \`npm run generate\``];
}

function document() {
  const all = dependencies();
  const counts = Object.entries(grouped(all));
  const lines = counts
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([licence, of]) =>
        `## ${licence} (${of.length})\n\n${of.map(({ name, version }) => `\`${name}\` ${version}`).join(', ')}`,
    );
  const exceptions = Object.entries(EXCEPTIONS).map(([what, why]) => `- ${what}: ${why}`);
  return `# Dependencies

<!-- Made by scripts/licences.js from package-lock.json: \`npm run generate\`. -->

The ${all.length} packages that come with an installation of mvca, by licence. \`npm run check\` fails for one that names none, or one other than ${ALLOWED.join(', ')}. Exceptions:

${exceptions.join('\n')}

${lines.join('\n\n')}
`;
}

function grouped(all) {
  const groups = {};
  for (const one of all) (groups[one.licence] ??= []).push(one);
  return groups;
}

module.exports = { check };
if (require.main === module) {
  if (process.argv.includes('--write')) writeFileSync(path.join(ROOT, LIST), document());
  const wrong = check();
  if (wrong.length > 0) console.error(wrong.join('\n'));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
