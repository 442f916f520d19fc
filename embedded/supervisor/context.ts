/** What the parts of one supervisor share. */
import type { Home } from '../../system/home';
import type { DatabaseAddress, GuardedAddress } from '../engine';
import type { TemporalCli } from '../temporal-cli';

/** Written by `up` to the supervisor's standard input. */
export interface StartRequest {
  /** The variables of whoever ran `up`. Kept in memory only. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cli: TemporalCli;
  readonly workerMain: string;
}

export interface Context {
  readonly home: Home;
  readonly request: StartRequest;
  readonly log: (line: string) => void;
  readonly database: DatabaseAddress;
  temporal: GuardedAddress | null;
  readonly notes: string[];
}

/** The few variables that a part's process begins with: nothing of the caller's that could be a secret. */
export function partEnvironment(from: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'LANG',
    'TZ',
    'NODE_EXTRA_CA_CERTS',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'XDG_CACHE_HOME',
  ];
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}
