/** Names, ports, services and certificates, by the codes of the system, of OpenSSL and of the clients that Node.js programs use. */
import { quotable } from '../../command/quotable';
import { addressOf, addressText, setSecret, type Recogniser, type Recognition } from './recogniser';
import { isDatabase, refused as databaseRefused } from './database';
import type { Context } from '../answer';
import { ownPlace, placeText, type Entry, type Fault } from '../fault';

type Kind = (fault: Fault, context: Context, entry: Entry) => Recognition;

const portInUse: Kind = (fault) => {
  const { port } = addressOf(fault);
  const number = port ?? /:(\d{2,5})\b/.exec(fault.message)?.[1] ?? null;
  const typed = quotable('port', number);
  return {
    cause: 'port-in-use',
    subject: String(number ?? ''),
    confidence: 0.95,
    title: `port ${number ?? 'that it listens on'} is in use by another process`,
    remedy: {
      text: 'Listen on the port that the variable PORT names, one for each instance; where the port is fixed in the code, say so by `platform.port`.',
      ...(typed === null ? {} : { command: `ss -ltnp 'sport = :${typed}'` }),
    },
  };
};

const notResolved: Kind = (fault) => {
  const host = fault.fields['hostname'] ?? /(?:ENOTFOUND|EAI_\w+) ([\w.-]+)/.exec(fault.message)?.[1] ?? null;
  const typed = quotable('host', host);
  return {
    cause: 'name-not-resolved',
    subject: host ?? '',
    confidence: 0.9,
    title: `the name ${host ?? 'of a host'} is not resolved`,
    remedy: {
      text: 'Correct the host in the address that the application was given, or its entry in the DNS.',
      ...(typed === null ? {} : { command: `getent hosts ${typed}` }),
    },
  };
};

const refused: Kind = (fault, context, entry) => {
  if (isDatabase(fault, entry)) return databaseRefused(fault, context);
  const where = addressText(fault);
  return {
    cause: 'service-refused',
    subject: String(addressOf(fault).port ?? where ?? ''),
    confidence: 0.8,
    title: `a service${where === null ? '' : ` at ${where}`} that the application needs refuses or breaks connections`,
    remedy: {
      text: 'See that the service runs and can be reached from here, and that the application was given its right address.',
    },
  };
};

/** `fetch` keeps the reason in the error's cause, which this log left out. */
const unreachable: Kind = (fault) => {
  const place = ownPlace(fault);
  const at = place === null ? '' : ` (asked at ${placeText(place)})`;
  return {
    cause: 'service-refused',
    subject: at,
    confidence: 0.5,
    title: `a service cannot be reached${at}; why was not logged`,
    remedy: {
      text: 'See that the service runs, that its name is resolved and that it can be reached from here; log `error.cause`, which says what it was.',
    },
  };
};

const timedOut: Kind = (fault, _context, entry) => {
  const ofDatabase = isDatabase(fault, entry);
  const where = addressText(fault);
  const what = ofDatabase ? 'the database' : 'a service';
  return {
    cause: ofDatabase ? 'database-timeout' : 'service-timeout',
    subject: where ?? '',
    confidence: 0.75,
    title: `${what}${where === null ? '' : ` at ${where}`} does not answer in time`,
    remedy: {
      text: 'See whether it is slow or cannot be reached from here (firewall, wrong address), and that the application lives with its absence.',
    },
  };
};

const expired: Kind = (fault) =>
  certificate(fault, 'certificate-expired', 'has expired', 'Renew the certificate of that server.');
const notYet: Kind = (fault) =>
  certificate(
    fault,
    'certificate-expired',
    'is not valid yet',
    'Check the clock of this machine, and the dates of the certificate.',
  );
const unknown: Kind = (fault) =>
  certificate(
    fault,
    'certificate-unknown',
    'comes from an authority that is not known here',
    "Give the authority's certificate to the application by the variable NODE_EXTRA_CA_CERTS.",
  );
const otherName: Kind = (fault) =>
  certificate(
    fault,
    'certificate-name',
    'is for another name',
    'Use the name that the certificate is for, or a certificate for this name.',
  );

function certificate(fault: Fault, cause: string, what: string, text: string): Recognition {
  const host = fault.fields['host'] ?? fault.fields['hostname'] ?? null;
  const whose = host === null ? 'the certificate of a server' : `the certificate of ${host}`;
  return { cause, subject: host ?? '', confidence: 0.95, title: `${whose} ${what}`, remedy: { text } };
}

const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
];
const BROKEN = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EPIPE',
  'UND_ERR_SOCKET',
  'ERR_SOCKET_CLOSED',
];
const LATE = [
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'ECONNABORTED',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
];
const table = (codes: readonly string[], kind: Kind): Record<string, Kind> =>
  Object.fromEntries(codes.map((code) => [code, kind]));

const BY_CODE: Readonly<Record<string, Kind>> = {
  EADDRINUSE: portInUse,
  ...table(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'], notResolved),
  ...table(BROKEN, refused),
  ...table(LATE, timedOut),
  FETCH_FAILED: unreachable,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: notYet,
  ...table(UNKNOWN_AUTHORITY, unknown),
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
};

export const recogniseNetwork: Recogniser = (fault, entry, context) => {
  const kind = fault.code === null ? undefined : BY_CODE[fault.code];
  if (kind !== undefined) return kind(fault, context, entry);
  if (/^(?:\w*TimeoutError)$/.test(fault.name ?? '') || (fault.name === 'AbortError' && /timeout/.test(fault.message)))
    return timedOut(fault, context, entry);
  return recogniseRejected(fault, context);
};

/** A service that answers 401 or 403 does not know the key that it was shown. */
function recogniseRejected(fault: Fault, context: Context): Recognition | null {
  const { fields, message, name } = fault;
  const status =
    fields['statusCode'] ??
    fields['status'] ??
    fields['httpStatusCode'] ??
    /status(?: code)?:? (\d{3})\b/.exec(message)?.[1];
  if (status !== '401' && status !== '403' && fault.code !== 'EAUTH') return null;
  const secret = /\b[A-Z][A-Z0-9]*_(?:[A-Z0-9_]*_)?(?:KEY|TOKEN|SECRET|PASSWORD)\b/.exec(message)?.[0] ?? null;
  return {
    cause: 'wrong-credentials',
    subject: `service ${addressText(fault) ?? name ?? ''}`,
    confidence: 0.85,
    title: `a service rejects the application's credentials${status === undefined ? '' : ` with status ${status}`}`,
    remedy: {
      text: 'Set the key or token that the service knows; see that it is the one of this environment.',
      ...setSecret(context, secret),
    },
  };
}
