/**
 * How Temporal's development server is kept from everybody else. It takes whoever connects, on seven ports of the loopback, and speaks no
 * TLS; so it runs in a network namespace of its own (network_namespaces(7)), whose loopback no other account can reach or enter.
 */
import { runCommand, succeeded } from '../system/run-command';
import { EngineRefusal } from './engine';

const PROBE_MS = 5_000;
/** Where `ip` and `setpriv` lie; an ordinary account's PATH may lack them. */
const SYSTEM_FOLDERS = '/usr/sbin:/sbin:/usr/bin:/bin';
/** Where no namespace can be had, the engine starts only for who says so by this variable. */
export const ALONE = 'MVCA_ALONE_ON_THIS_MACHINE';

/** What stands in front of a command so that it runs apart. */
export interface Isolation {
  readonly kind: 'namespace' | 'none';
  readonly prefix: readonly string[];
  /** Brings the loopback of the namespace up; null: it is the machine's. */
  readonly loopback: readonly string[] | null;
  /** Stands in front of a command that is to die with its parent; empty where the machine lacks it. */
  readonly withParent: readonly string[];
}

/** A new namespace's loopback is down (SIOCSIFFLAGS, IFF_UP: netdevice(7)). */
const BY_IOCTL =
  "import fcntl,socket,struct;fcntl.ioctl(socket.socket(socket.AF_INET,socket.SOCK_DGRAM),0x8914,struct.pack('16sH22x',b'lo',1))";
const LOOPBACKS: readonly (readonly string[])[] = [
  ['ip', 'link', 'set', 'lo', 'up'],
  ['ifconfig', 'lo', 'up'],
  ['python3', '-c', BY_IOCTL],
];
const WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--'];

/** Root needs no namespace of users, unless it is the root of a container that has been taken this right. */
const ways = (uid = process.getuid?.()): readonly (readonly string[])[] => {
  const asUser = ['unshare', '--user', '--map-root-user', '--net', '--'];
  return uid === 0 ? [['unshare', '--net', '--'], asUser] : [asUser];
};

/** The environment in which the programs above are found. */
export const systemPath = (environment: NodeJS.ProcessEnv = process.env): string =>
  [environment['PATH'], SYSTEM_FOLDERS].filter(Boolean).join(':');

/**
 * Tries what this machine allows; a few milliseconds. @throws EngineRefusal where nothing can be had and `environment` does not say that
 * nobody else is on the machine.
 */
export async function chooseIsolation(environment: NodeJS.ProcessEnv): Promise<Isolation> {
  const withParent = (await works([...WITH_PARENT, ...WITH_PARENT.slice(0, 1), '--version'])) ? WITH_PARENT : [];
  const found = await findNamespace();
  if (typeof found !== 'string') return { kind: 'namespace', ...found, withParent };
  if (environment[ALONE] === 'yes') return { kind: 'none', prefix: [], loopback: null, withParent };
  throw new EngineRefusal(
    `this machine gives no network namespace (${found}), and without one every account of it can command Temporal: ${REMEDY}`,
  );
}

export const REMEDY =
  'allow user namespaces (`sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`, whichever there is; ' +
  'in a container --cap-add SYS_ADMIN or a seccomp profile with `unshare`), or use a Temporal with mutual TLS by TEMPORAL_ADDRESS. ' +
  `Where nobody else has an account or runs anything on this machine or in this container, set ${ALONE}=yes`;

/** A way that works; else why the last one did not. */
async function findNamespace(): Promise<Pick<Isolation, 'prefix' | 'loopback'> | string> {
  let reason = '';
  for (const prefix of ways()) {
    for (const loopback of LOOPBACKS) {
      const result = await probe([...prefix, ...loopback]);
      if (succeeded(result)) return { prefix, loopback };
      reason ||= result.error ?? result.tail.join(' ').trim();
    }
  }
  return reason.slice(0, 200) || 'no reason given';
}

const probe = (argv: readonly string[]) =>
  runCommand({ argv, cwd: '/', env: { PATH: systemPath() }, timeoutMs: PROBE_MS });

const works = async (argv: readonly string[]): Promise<boolean> => succeeded(await probe(argv));
