/** Runs a program of root's under an account that the machine has no name for, and that asks for its own: it is shown one. */
import type { Account } from './sandbox';

/** Arguments: the file that is to be seen as /etc/passwd, and the program that goes on. A daemon that answers for the file knows the machine's. */
const SETUP = `
set -eu
mount --bind "$1" /etc/passwd
if [ -d /run/nscd ]; then mount -t tmpfs mvca /run/nscd; fi
shift
exec "$@"
`;

/** The command that does; pid and descriptors are those of who started it. @param passwd a file that everybody may read */
export const named = ({ uid, gid }: Account, passwd: string, argv: readonly string[]): readonly string[] => [
  ...['unshare', '--mount', '--propagation', 'private', '--', '/bin/sh', '-c', SETUP, 'mvca-named', passwd],
  ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'],
  ...['--no-new-privs', '--', ...argv],
];
