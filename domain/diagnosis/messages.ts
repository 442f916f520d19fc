/**
 * The code of an error, also where it was logged without it: systems, databases and the most used libraries put it into the
 * message, or have one fixed message for it.
 */

interface Said {
  readonly stated: string | null;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly name: string | null;
}

export function codeOf({ stated, message, fields, name }: Said): string | null {
  const code = stated !== null && /^[A-Z]\w{2,}$|^[0-9A-Z]{5}$/.test(stated) ? stated : null;
  if (code !== null && !VAGUE.has(code)) return code;
  const given = [fields['errorCode'], fields['codeName'], fields['sqlState'], fields['original_code']].find(
    (value) => value !== undefined && /^\w+$/.test(value),
  );
  const text = name === null ? message : `${name}: ${message}`;
  return given ?? inMessage(text) ?? code;
}

/** Codes that say less than the message does. */
const VAGUE = new Set([
  'SQLITE_ERROR',
  'ERR_BAD_REQUEST',
  'ERR_SQLITE_ERROR',
  'ERR_NETWORK',
  'ERR_UNHANDLED_REJECTION',
  'ERR_UNHANDLED_ERROR',
  // Of mail clients, around the system's own.
  'ESOCKET',
  'ECONNECTION',
  'EDNS',
]);

/** A token of the system or of a library, as it stands in messages. */
const TOKEN =
  /\b(ECONN[A-Z]+|E(?:ADDR[A-Z]+|NOTFOUND|AI_[A-Z]+|ACCES|PERM|ROFS|NOSPC|DQUOT|NOENT|MFILE|NFILE|NOMEM|TIMEDOUT|HOSTUNREACH|NETUNREACH|HOSTDOWN|PIPE|SOCKETTIMEDOUT|ISDIR|NOTDIR|EXIST)|ERR_[A-Z0-9_]+|MODULE_NOT_FOUND|CERT_[A-Z_]+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+|UND_ERR_[A-Z_]+|ER_[A-Z_]+|P[12]0\d\d|WRONGPASS|NOAUTH|SQLITE_[A-Z]+)\b/;
const SQLSTATE = /\bSQLSTATE[[:\s(=]*([0-9A-Z]{5})\b/;

function inMessage(text: string): string | null {
  const token = SQLSTATE.exec(text)?.[1] ?? TOKEN.exec(text)?.[1];
  if (token !== undefined && !VAGUE.has(token)) return token;
  return FIXED.find(([pattern]) => pattern.test(text))?.[1] ?? token ?? null;
}

/** Messages that are part of an interface: of V8, OpenSSL, the database servers and their drivers. */
const FIXED: readonly (readonly [RegExp, string])[] = [
  [
    /heap out of memory|FATAL ERROR: .*(?:Allocation failed|invalid (?:array|table) size)|Array buffer allocation failed/,
    'OUT_OF_MEMORY',
  ],
  [/password authentication failed for user|no password supplied|SASL: .*password must be a string/, '28P01'],
  [/no pg_hba\.conf entry for|role "[^"]*" does not exist/, '28000'],
  [/database "[^"]*" does not exist|Unknown database '/, '3D000'],
  [/relation "[^"]*" does not exist|no such table:|Table '[^']*' doesn't exist/, '42P01'],
  [/column \S+ (?:of relation "[^"]*" )?does not exist|no such column:|has no column named|Unknown column '/, '42703'],
  [/permission denied for (?:table|schema|relation|database|sequence)/, '42501'],
  [
    /remaining connection slots are reserved|too many (?:clients already|connections for)|Too many connections/,
    '53300',
  ],
  [
    /The pool is probably full|timeout exceeded when trying to connect|ResourceRequest timed out|pool (?:is )?exhausted|ConnectionAcquireTimeoutError|Timed out fetching a new connection from the connection pool/,
    'POOL_EXHAUSTED',
  ],
  [/the database system is (?:starting up|shutting down|in recovery)/, '57P03'],
  [/Access denied for user '/, 'ER_ACCESS_DENIED_ERROR'],
  [/invalid username-password pair|bad auth : [Aa]uthentication failed/, 'WRONGPASS'],
  [/certificate has expired/, 'CERT_HAS_EXPIRED'],
  [/self[- ]signed certificate/, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [/unable to (?:verify the first certificate|get (?:local )?issuer certificate)/, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [/(?:Hostname\/IP does not match certificate's altnames)/, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  [/Cannot find (?:module|package) '/, 'MODULE_NOT_FOUND'],
  [/no space left on device/i, 'ENOSPC'],
  [/(?:database or disk is full)/, 'ENOSPC'],
  [/read-only file system/i, 'EROFS'],
  [/attempt to write a readonly database/, 'EROFS'],
  [/unable to open database file/, 'EACCES'],
  [/address already in use/i, 'EADDRINUSE'],
  [/\btimeout of \d+ ?ms exceeded\b/, 'ETIMEDOUT'],
  // Of `fetch`, around a cause that was not logged.
  [/^TypeError: fetch failed$/, 'FETCH_FAILED'],
];
