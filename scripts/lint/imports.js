// Who may import whom. One table; a file belongs to the first folder that its path starts with.
const { isBuiltin } = require('node:module');
const path = require('node:path');

const ROOT = path.join(__dirname, '../..');

/**
 * `ours`: what may be imported of this repository; `types`: what may be imported by `import type` as well; `packages`: from npm
 * (`*`: any); `node`: built-in modules. A folder may always import itself, except where `own` says otherwise.
 */
const FOLDERS = [
  { folder: 'domain/spec', ours: ['domain'], packages: ['zod', 'yaml'], node: false },
  { folder: 'domain', ours: ['domain'], packages: [], node: false, except: ['domain/spec'] },
  { folder: 'system', ours: ['system', 'domain'], packages: ['fs-native-extensions'], node: true },
  { folder: 'host', ours: ['host', 'domain', 'system'], packages: ['*'], node: true },
  // What a release procedure is made of comes in as dependencies; here only their types are known.
  {
    folder: 'activities/release',
    ours: ['domain', 'system'],
    types: ['activities'],
    packages: ['*'],
    node: true,
    own: portFolder,
  },
  { folder: 'activities', ours: ['domain', 'system'], packages: ['*'], node: true, own: portFolder },
  { folder: 'embedded', ours: ['embedded', 'domain', 'system'], packages: ['*'], node: true },
  {
    folder: 'client',
    ours: ['client', 'domain', 'system', 'embedded', 'workflows/messages', 'workflows/search-attributes'],
    types: ['workflows', 'activities/contract', 'activities/facts-contract'],
    packages: ['*'],
    node: true,
  },
  {
    folder: 'workflows',
    ours: ['workflows', 'domain'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
    except: ['domain/spec'],
  },
  {
    folder: 'worker',
    ours: ['worker', 'activities', 'client', 'domain', 'system', 'embedded', 'workflows'],
    packages: ['*'],
    node: true,
  },
  { folder: 'examples', ours: ['examples', 'client', 'domain'], packages: ['*'], node: true },
];

/** Built-in modules that touch nothing outside. */
const PURE = ['node:buffer'];

/** A port folder imports itself and the files beside the port folders, never another port folder; those beside compose. */
function portFolder(file, target) {
  const folder = path.posix.dirname(file);
  if (!within(target, 'activities')) return false;
  if (folder === 'activities') return true;
  const port = folder.split('/').slice(0, 2).join('/');
  return within(target, port) || path.posix.dirname(target) === 'activities';
}

const within = (target, folder) =>
  target === folder || target.startsWith(`${folder}/`) || target.startsWith(`${folder}.`);

/** What is wrong with an import, or null. `target` is a path in the repository without its extension. */
function refusal(file, { target, specifier, typeOnly }) {
  const rules = FOLDERS.find(({ folder }) => within(file, folder));
  if (rules === undefined) return null;
  if (target === null) return packageRefusal(rules, specifier, typeOnly);
  if (!typeOnly && excepted(rules, file, target)) return `${rules.folder} takes only types from ${target}`;
  const allowed = typeOnly ? [...rules.ours, ...(rules.types ?? [])] : rules.ours;
  if (allowed.some((folder) => within(target, folder)) || rules.own?.(file, target)) return null;
  return `${rules.folder} does not import ${target}${typeOnly ? '' : ' at run time'}`;
}

const excepted = ({ except = [] }, file, target) =>
  except.some((folder) => within(target, folder) && !within(file, folder));

function packageRefusal({ folder, packages, node }, specifier, typeOnly) {
  if (isBuiltin(specifier))
    return node || typeOnly || PURE.includes(specifier) ? null : `${folder} does no input and output: no ${specifier}`;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return packages.includes('*') || packages.includes(name) ? null : `${folder} does not import ${name} from npm`;
}

function targetOf(filename, specifier) {
  if (!specifier.startsWith('.')) return null;
  const target = path.relative(ROOT, path.resolve(path.dirname(filename), specifier)).replaceAll(path.sep, '/');
  return target.replace(/\.(js|ts|json)$/, '');
}

/** Every member of `import { type A, type B }` may be a type, too. */
const isTypeOnly = (node) =>
  node.importKind === 'type' ||
  node.exportKind === 'type' ||
  ((node.specifiers?.length ?? 0) > 0 && node.specifiers.every((specifier) => specifier.importKind === 'type'));

const rule = {
  meta: { type: 'problem', docs: { description: 'Who may import whom' }, schema: [] },
  create(context) {
    const file = path.relative(ROOT, context.filename).replaceAll(path.sep, '/');
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const target = targetOf(context.filename, specifier);
      const message = refusal(file, { target, specifier, typeOnly: isTypeOnly(node) });
      if (message !== null) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: (node) => check({ source: node.source ?? node.argument?.literal, importKind: 'type' }),
    };
  },
};

module.exports = { rule, refusal };
