/** The applications of `examples/apps`, copied to where they can be changed, each in any of its versions. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';

/** Never copied: what is made from the sources, and the later versions. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'versions', 'lcov.info']);

/** The folder of this package's sources, from wherever this file runs. */
export function packageRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'examples', 'apps'))) {
    const above = path.dirname(folder);
    if (above === folder) throw new Error(`there is no folder examples/apps above ${__dirname}`);
    folder = above;
  }
  return folder;
}

const appFolder = (app: string): string => path.join(packageRoot(), 'examples', 'apps', app);

/** Names of the example applications. */
export async function exampleApps(): Promise<readonly string[]> {
  const entries = await readdir(path.join(packageRoot(), 'examples', 'apps'), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Every spec of the examples, by its path in this package. */
export async function exampleSpecs(): Promise<readonly string[]> {
  const entries = await readdir(path.join(packageRoot(), 'examples'), { recursive: true });
  const isSpec = (entry: string) => /(^|\/)deployment\.yaml$|^\d\d-[^/]*\.yaml$/.test(entry);
  return entries
    .filter((entry) => isSpec(entry) && !entry.includes('node_modules'))
    .map((entry) => `examples/${entry}`);
}

/** Versions of an application in order, the first one included. */
export async function versionsOf(app: string): Promise<readonly string[]> {
  const { version } = JSON.parse(await readFile(path.join(appFolder(app), 'package.json'), 'utf8')) as {
    version: string;
  };
  const later = await readdir(path.join(appFolder(app), 'versions')).catch(() => []);
  return [version, ...later.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))];
}

/** Copies the first version of an application into `to`, which is made where it is missing. */
export async function copyApp(app: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(appFolder(app), to, { recursive: true, filter: (source) => !LEFT_OUT.has(path.basename(source)) });
}

/** Turns a copy of the version before into `version`: files that changed, and the version in `package.json` and lock file. */
export async function applyVersion(app: string, to: string, version: string): Promise<void> {
  const overlay = path.join(appFolder(app), 'versions', version);
  if (!existsSync(overlay))
    throw new Error(`${app} has no version ${version}; it has ${(await versionsOf(app)).join(', ')}`);
  await cp(overlay, to, { recursive: true });
  await editJson(path.join(to, 'package.json'), (content) => ({ ...content, version }));
  await editJson(path.join(to, 'package-lock.json'), (content) => ({
    ...content,
    version,
    packages: { ...content.packages, '': { ...content.packages?.[''], version } },
  }));
}

interface Manifest {
  readonly packages?: Readonly<Record<string, object>>;
}

async function editJson(file: string, edit: (content: Manifest) => object): Promise<void> {
  if (!existsSync(file)) return;
  const content = JSON.parse(await readFile(file, 'utf8')) as Manifest;
  await writeFile(file, `${JSON.stringify(edit(content), null, 2)}\n`);
}

/** Sets values in a `deployment.yaml` by their paths (`environments.staging.watch.for`), and keeps all else as it is. */
export async function editSpec(file: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  const document = parseDocument(await readFile(file, 'utf8'));
  for (const [place, value] of Object.entries(values)) document.setIn(place.split('.'), value);
  await writeFile(file, document.toString({ lineWidth: 120 }));
}
