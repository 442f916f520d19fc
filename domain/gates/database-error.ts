/** What is wrong with a database that cannot be reached, from the code of the error. */

export interface DatabasePlace {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface DatabaseError {
  readonly code: string | null;
  readonly message: string;
}

export interface Explanation {
  readonly message: string;
  readonly remedy: string;
}

/** Codes of Node (net, dns, tls) and of PostgreSQL (appendix A of its manual). The error's own message is not repeated where the code is known. */
export function explainDatabaseError(error: DatabaseError, place: DatabasePlace): Explanation {
  const at = `${place.host}:${place.port}`;
  const known = Object.hasOwn(BY_CODE, error.code ?? '') ? BY_CODE[error.code ?? ''] : undefined;
  if (known !== undefined) return known(place, at);
  if (isTls(error)) return tls(at, error.message);
  if (/timeout|timed out/i.test(error.message)) return timeout(place, at);
  return { message: `${at} said: ${error.message}`, remedy: 'see the log of the database' };
}

type Explain = (place: DatabasePlace, at: string) => Explanation;

const notFound: Explain = ({ host }) => ({
  message: `there is no host called ${host}`,
  remedy: "correct the host's name, or the name servers of this machine",
});
const timeout: Explain = (_place, at) => ({
  message: `${at} does not answer in time`,
  remedy: 'check host, port and the firewalls between',
});
const unreachable: Explain = (_place, at) => ({
  message: `there is no way to ${at}`,
  remedy: 'check the network and its routes',
});
const password: Explain = ({ user }, at) => ({
  message: `${at} refuses the password of user ${user}`,
  remedy: 'correct the password, or set it: ALTER ROLE … PASSWORD',
});

const BY_CODE: Readonly<Record<string, Explain>> = {
  ENOTFOUND: notFound,
  EAI_AGAIN: notFound,
  ECONNREFUSED: (_place, at) => ({
    message: `nothing listens on ${at}`,
    remedy: 'start the database, or correct host and port',
  }),
  ETIMEDOUT: timeout,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: (_place, at) => ({
    message: `${at} ended the connection at once`,
    remedy: 'check that a PostgreSQL listens there, and its log',
  }),
  '28P01': password,
  '28000': ({ user, database }, at) => ({
    message: `${at} lets user ${user} not into database ${database}`,
    remedy: 'create the user, allow it to log in, or add a line to pg_hba.conf',
  }),
  '3D000': ({ database }, at) => ({
    message: `${at} has no database called ${database}`,
    remedy: 'correct the name, or create it: CREATE DATABASE',
  }),
  '42501': ({ user, database }, at) => ({
    message: `${at} does not allow user ${user} to connect to database ${database}`,
    remedy: 'GRANT CONNECT ON DATABASE',
  }),
  '53300': (_place, at) => ({
    message: `${at} has no connection free`,
    remedy: 'raise max_connections, or end unused ones',
  }),
  '57P03': (_place, at) => ({ message: `${at} is starting up or shutting down`, remedy: 'try again in a moment' }),
};

const isTls = ({ code, message }: DatabaseError): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|LEAF_SIGNATURE/.test(code ?? '') ||
  /\bSSL\b|\bTLS\b|certificate/i.test(message);

const tls = (at: string, said: string): Explanation => ({
  message: `no TLS connection to ${at}: ${said}`,
  remedy: 'check `sslmode` in the URL and the certificate of the database (its host names, its end, who signed it)',
});
