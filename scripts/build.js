// Builds `dist`: every source file through swc (about a second), then the workflow bundle. Types are checked by `npm run check`.
const { mkdir, readdir, readFile, rename, rm, stat, writeFile, chmod } = require('node:fs/promises');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const DIST = path.join(ROOT, 'dist');
const SOURCES = [
  'domain',
  'system',
  'workflows',
  'activities',
  'worker',
  'client',
  'host',
  'embedded',
  'scripts',
  'bench',
];
const COPIED = /\.(sql|json|css|html)$/;

async function build({ bundle = true } = {}) {
  const changed = (await Promise.all(SOURCES.map((folder) => compileFolder(folder)))).flat();
  await removeOrphans();
  if (bundle && (changed.some((file) => /^(domain|workflows)\//.test(file)) || !(await exists(bundlePath()))))
    await bundleWorkflows();
  await chmod(path.join(DIST, 'client/cli/main.js'), 0o755).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return changed;
}

const bundlePath = () => path.join(DIST, 'workflow-bundle.js');

async function compileFolder(folder) {
  const changed = [];
  for (const file of await filesUnder(folder)) {
    if (file.endsWith('.ts') && !file.endsWith('.d.ts')) {
      const out = path.join(DIST, file.replace(/\.ts$/, '.js'));
      if ((await isNewer(path.join(ROOT, file), out)) || (await isNewer(path.join(ROOT, '.swcrc'), out))) {
        const { transform } = require('@swc/core');
        const { code } = await transform(await readFile(path.join(ROOT, file), 'utf8'), {
          filename: path.join(ROOT, file),
          // As below: relative, and not where it was built.
          sourceFileName: path.relative(path.dirname(out), path.join(ROOT, file)),
          configFile: path.join(ROOT, '.swcrc'),
        });
        await writeWhole(out, code);
        changed.push(file);
      }
    } else if (COPIED.test(file) && (await isNewer(path.join(ROOT, file), path.join(DIST, file)))) {
      await writeWhole(path.join(DIST, file), await readFile(path.join(ROOT, file)));
      changed.push(file);
    }
  }
  return changed;
}

/** Two builds at once (tests and a demo) must never read half a file. */
async function writeWhole(file, content) {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, file);
}

async function removeOrphans() {
  for (const folder of SOURCES) {
    for (const file of await filesUnder(path.join('dist', folder))) {
      const source = path.relative('dist', file);
      const known = await Promise.all(
        [source, source.replace(/(\.d)?\.[jt]s$/, '.ts')].map((f) => exists(path.join(ROOT, f))),
      );
      if (!known.includes(true) && !file.endsWith('.tmp')) await rm(path.join(ROOT, file), { force: true });
    }
  }
}

// Source maps go into the package: they must not tell where it was built.
const devtoolModuleFilenameTemplate = ({ absoluteResourcePath }) => absoluteResourcePath.replace(`${ROOT}/`, '');

async function bundleWorkflows() {
  if (!(await exists(path.join(DIST, 'workflows/index.js')))) return;
  const { bundleWorkflowCode } = require('@temporalio/worker');
  const quiet = { trace() {}, debug() {}, info() {}, warn: console.error, error: console.error, log() {} };
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(DIST, 'workflows/index.js'),
    logger: quiet,
    webpackConfigHook: (config) => ({ ...config, output: { ...config.output, devtoolModuleFilenameTemplate } }),
  });
  await writeWhole(bundlePath(), code);
}

async function filesUnder(folder) {
  let entries;
  try {
    entries = await readdir(path.join(ROOT, folder), { withFileTypes: true, recursive: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries.filter((e) => e.isFile()).map((e) => path.relative(ROOT, path.join(e.parentPath ?? e.path, e.name)));
}

async function isNewer(source, out) {
  const [a, b] = await Promise.all([stat(source), stat(out).catch(() => null)]);
  return b === null || a.mtimeMs > b.mtimeMs;
}

const exists = (file) =>
  stat(file).then(
    () => true,
    () => false,
  );

module.exports = { build };
if (require.main === module) {
  build().catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
