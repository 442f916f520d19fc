/** By SQLSTATE, and by the codes of MySQL, SQLite, MongoDB, Redis and Prisma. */
import type { Context } from '../answer';
import { comesBy, type Entry, type Fault } from '../fault';
import { isFrame } from '../trace';
import { addressOf, addressText, setSecret, type Recogniser, type Recognition } from './recogniser';

type Kind = (fault: Fault, context: Context) => Recognition;

const DATABASE_PORTS: ReadonlySet<number> = new Set([5432, 6432, 3306, 33060, 1433, 1521, 27017, 6379, 26257, 9042]);
const DRIVERS =
  /^(?:pg|pg-pool|pg-native|postgres|mysql2?|mariadb|mongodb|mongoose|i?oredis|redis|@redis\/.*|tedious|mssql|oracledb|knex|sequelize|typeorm|drizzle-orm|@prisma\/.*|better-sqlite3|sqlite3|cassandra-driver)$/;

/** An error around it, or the line that it was logged with, says what was to be reached. */
const WORDS =
  /\b(?:database|db|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|redis|DATABASE_\w+|\w+_DATABASE\w*|DB_\w+)\b/i;

/** Whether an error of the network was met on the way to a database. */
export function isDatabase(fault: Fault, entry: Entry): boolean {
  const { port } = addressOf(fault);
  if (comesBy(fault, DRIVERS) || /^(?:Sequelize|Mongo|Prisma|Redis|Connection)\w*Error$/.test(fault.name ?? ''))
    return true;
  if (port !== null && DATABASE_PORTS.has(port)) return true;
  return (
    WORDS.test(entry.texts.filter((text) => !isFrame(text)).join('\n')) ||
    entry.chain.some((one) => comesBy(one, DRIVERS))
  );
}

/** What holds the address of a SQL database does not hold that of a store beside it. */
const secretFor = (fault: Fault, { databaseSecret }: Context): string | null =>
  /^(?:WRONGPASS|NOAUTH)$/.test(fault.code ?? '') || addressOf(fault).port === 6379 ? null : databaseSecret;

const quoted = ({ message }: Fault, kind: string): string | null =>
  new RegExp(`${kind}(?: name)? ?[:\`'"\\s\\\\]+([\\w.$-]+)`, 'i').exec(message)?.[1] ?? null;

export const refused: Kind = (fault, context) => {
  const where = addressText(fault);
  return {
    cause: 'database-refused',
    subject: String(addressOf(fault).port ?? where ?? ''),
    confidence: 0.9,
    title: `the database${where === null ? '' : ` at ${where}`} refuses connections`,
    remedy: {
      text: `See that the database runs${where === null ? '' : ` at ${where}`} and takes connections from here; else give the address that is right.`,
      ...setSecret(context, secretFor(fault, context)),
    },
  };
};

const unknownDatabase: Kind = (fault, context) => {
  const name = quoted(fault, 'database');
  return {
    cause: 'unknown-database',
    subject: name ?? '',
    confidence: 0.95,
    title: `the database ${name === null ? 'that was asked for' : `"${name}"`} does not exist on its server`,
    remedy: {
      text: 'Create it, or correct the name in the address of the database.',
      ...setSecret(context, secretFor(fault, context)),
    },
  };
};

const credentials: Kind = (fault, context) => {
  const user = /(?:user|role) \\?["'`]([\w.$-]+)/i.exec(fault.message)?.[1] ?? null;
  return {
    cause: 'wrong-credentials',
    subject: `database ${user ?? ''}`,
    confidence: 0.95,
    title: `the database rejects ${user === null ? 'the user' : `the user "${user}"`} or the password`,
    remedy: {
      text: 'Set the user and password that the database knows.',
      ...setSecret(context, secretFor(fault, context)),
    },
  };
};

const denied: Kind = (fault) => ({
  cause: 'permission-denied',
  subject: fault.message,
  confidence: 0.9,
  title: `the database user may not do this: ${fault.message.split('\n')[0] ?? ''}`,
  remedy: { text: 'Grant the right to the user that the application connects as; a migration is the place for it.' },
});

const MIGRATE =
  'See that the migration which creates it is in the folder that `databases.*.migrations` names and was applied; `mvca plan` lists those that are pending.';

const missingTable: Kind = (fault) => {
  const name =
    quoted(fault, 'relation') ??
    quoted(fault, 'no such table') ??
    quoted(fault, 'table') ??
    quoted(fault, 'collection');
  return {
    cause: 'missing-table',
    subject: (name ?? '').replace(/^\w+\.(?=\w)/, ''),
    confidence: 0.95,
    title: `the table ${name === null ? 'that a query names' : `"${name}"`} does not exist`,
    remedy: { text: MIGRATE, command: 'mvca plan' },
  };
};

const missingColumn: Kind = (fault) => {
  const name = quoted(fault, 'no such column') ?? quoted(fault, 'has no column named') ?? quoted(fault, 'column');
  return {
    cause: 'missing-column',
    subject: name ?? '',
    confidence: 0.95,
    title: `the column ${name === null ? 'that a query names' : `"${name}"`} does not exist`,
    remedy: { text: MIGRATE, command: 'mvca plan' },
  };
};

const exhausted: Kind = () => ({
  cause: 'pool-exhausted',
  subject: '',
  confidence: 0.9,
  title: 'no database connection is left: the pool or the server has none to give',
  remedy: {
    text: 'Look for connections that are taken and never released; keep instances times pool size below what the server allows (during a switch both releases count).',
  },
});

const notReady: Kind = (fault, context) => ({
  ...refused(fault, context),
  title: 'the database is starting or shutting down and takes no connections',
});

const BY_CODE: Readonly<Record<string, Kind>> = {
  '3D000': unknownDatabase,
  ER_BAD_DB_ERROR: unknownDatabase,
  P1003: unknownDatabase,
  '28P01': credentials,
  '28000': credentials,
  ER_ACCESS_DENIED_ERROR: credentials,
  AuthenticationFailed: credentials,
  WRONGPASS: credentials,
  NOAUTH: credentials,
  P1000: credentials,
  ELOGIN: credentials,
  '42501': denied,
  ER_TABLEACCESS_DENIED_ERROR: denied,
  ER_DBACCESS_DENIED_ERROR: denied,
  '42P01': missingTable,
  '3F000': missingTable,
  ER_NO_SUCH_TABLE: missingTable,
  P2021: missingTable,
  '42703': missingColumn,
  ER_BAD_FIELD_ERROR: missingColumn,
  P2022: missingColumn,
  '53300': exhausted,
  '53400': exhausted,
  POOL_EXHAUSTED: exhausted,
  ER_CON_COUNT_ERROR: exhausted,
  ER_TOO_MANY_USER_CONNECTIONS: exhausted,
  P2024: exhausted,
  P2037: exhausted,
  '57P03': notReady,
  '08001': refused,
  '08004': refused,
  '08006': refused,
  P1001: refused,
  P1002: refused,
};

export const recogniseDatabase: Recogniser = (fault, _entry, context) => {
  const kind = fault.code === null ? undefined : BY_CODE[fault.code];
  return kind === undefined ? null : kind(fault, context);
};
