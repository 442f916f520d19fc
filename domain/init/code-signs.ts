/** What source files tell: how the application learns its port, where it says that it is well, which variables it wants. */
import type { Package } from './facts';

type Contents = Readonly<Record<string, string>>;

export type PortSign =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'fixed'; readonly port: number }
  | { readonly kind: 'unknown' };

/** `process.env.PORT`, else another variable whose name ends in PORT, else a number given to `listen`. */
export function portSign(contents: Contents): PortSign {
  const code = codeOf(contents);
  const names = [...code.matchAll(/process\.env(?:\.|\[['"])([A-Z][A-Z0-9_]*)/g)].map(([, name]) => name ?? '');
  if (names.includes('PORT')) return { kind: 'variable', name: 'PORT' };
  const other = names.find((name) => /^(APP|API|HTTP|SERVER|WEB)_PORT$/.test(name));
  if (other !== undefined) return { kind: 'variable', name: other };
  const port = Number(/\.listen\(\s*(?:\{[^}]*port:\s*)?(\d{2,5})\b/.exec(code)?.[1]);
  return port >= 1 && port <= 65_535 ? { kind: 'fixed', port } : { kind: 'unknown' };
}

const HEALTH = /['"`](\/(?:api\/)?(?:healthz|health|livez|readyz|health-?check|_health|ping|status))['"`]/;

/** The path of a health check in the source, or null. */
export const healthPath = (contents: Contents): string | null => HEALTH.exec(codeOf(contents))?.[1] ?? null;

const codeOf = (contents: Contents): string =>
  Object.entries(contents)
    .filter(([file]) => /\.[cm]?[jt]sx?$/.test(file))
    .map(([, content]) => content)
    .join('\n');

export interface VariableSigns {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly requires: readonly string[];
}

const EXAMPLES = ['.env.example', '.env.sample', '.env.template', '.env.dist'];
const SECRET =
  /(SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|API_?KEY|_KEY$|DATABASE_URL|_DSN$|MONGO.*UR[IL]|REDIS_URL)/;
/** Set by us or by the machine, or no name of a variable at all. */
const GIVEN = /^(PORT|APP_VERSION|BASE_URL|NODE_ENV|HOME|PATH|LANG|TZ|MVCA_.*|__proto__|.{101,})$/;
export const isGiven = (name: string): boolean => GIVEN.test(name);

/** What `.env.example` names: what looks secret by reference, what has a value with it, and the rest as required. */
export function variableSigns(contents: Contents): VariableSigns {
  const example = EXAMPLES.map((file) => contents[file]).find((content) => content !== undefined) ?? '';
  const lines = [...example.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=(.*)$/gm)];
  const pairs = new Map(lines.map(([, name = '', value = '']) => [name, unquoted(value.trim())]));
  const names = [...pairs.keys()].filter((name) => !isGiven(name));
  const secrets = names.filter((name) => SECRET.test(name) && !name.startsWith('_'));
  const open = names.filter((name) => !secrets.includes(name));
  const isValue = (name: string): boolean => !SECRET.test(name) && /^[^\p{Cc}]+$/u.test(pairs.get(name) ?? '');
  return {
    secrets,
    variables: Object.fromEntries(open.filter(isValue).map((name) => [name, pairs.get(name) ?? ''])),
    requires: open.filter((name) => !isValue(name)),
  };
}

const unquoted = (value: string): string => /^(["'])(.*)\1/.exec(value)?.[2] ?? value.replace(/\s#[^]*$/, '').trimEnd();

const POSTGRES = [
  'pg',
  'postgres',
  'pg-promise',
  '@prisma/client',
  'typeorm',
  'sequelize',
  'knex',
  'drizzle-orm',
  'slonik',
];

/** The name that holds the URL of a PostgreSQL database, where the project has one. */
export function databaseVariable({ dependencies }: Package, { secrets }: VariableSigns): string | null {
  const name = secrets.find((secret) => /^(DATABASE|POSTGRES(QL)?|PG|DB)_URL$/.test(secret));
  return name !== undefined && POSTGRES.some((client) => dependencies.includes(client)) ? name : null;
}

export interface CodeSigns {
  readonly port: PortSign;
  readonly health: string | null;
  readonly variables: VariableSigns;
  readonly database: string | null;
}

export function codeSigns(contents: Contents, pkg: Package): CodeSigns {
  const variables = variableSigns(contents);
  return {
    port: portSign(contents),
    health: healthPath(contents),
    variables,
    database: databaseVariable(pkg, variables),
  };
}
