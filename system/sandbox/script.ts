/**
 * What a shell does between `unshare` and the command: fixed texts, everything that varies comes as an argument. The new root holds
 * what it is given and nothing else; the old one is taken away before the command runs.
 */

/**
 * Arguments: the empty folder of the new root, the working directory, `up` or `as-is` (whether the loopback of a network of its own
 * must be brought up), the table of mounts, then `<kind> <source> <place>` for each thing to be seen, `--`, and the program that goes
 * on, with its arguments. Starts of programs are what takes time here: all mounts are one, and one each only where that failed (a
 * file to be shown where none is, an older `mount`); a second mount covers a first that was half done.
 * `pivot_root` and `ip` often lie where the PATH of ordinary users does not lead.
 */
export const SETUP = `
set -eu
root=$1; cwd=$2; loopback=$3; table=$4; shift 4
path=$PATH; PATH=$PATH:/usr/sbin:/sbin
trap 'echo "mvca: the sandbox could not be set up" >&2' EXIT
mount -t tmpfs -o mode=0755,size=64m mvca "$root"
mkdir "$root/.before" "$root/proc" "$root/dev" "$root/dev/shm" "$root/dev/pts" "$root/run" "$root/var" "$root/tmp"
chmod 1777 "$root/tmp"
ln -s /tmp "$root/var/tmp"
for node in null zero full random urandom tty; do : > "$root/dev/$node"; done
printf %s "$table" > "$root/.table"
one_by_one=no
mount -a -T "$root/.table" 2>/dev/null || one_by_one=yes
while [ "$1" != -- ]; do
  place=$root$3
  case $1 in
    link) ln -s "$2" "$place" ;;
    copy) if [ ! -e "$place" ]; then mkdir -p "\${place%/*}"; cp "$2" "$place"; chmod 0444 "$place"; fi ;;
    *)
      if [ "$one_by_one" = yes ]; then
        if [ -d "$2" ]; then mkdir -p "$place"; elif [ ! -e "$place" ]; then mkdir -p "\${place%/*}"; : > "$place"; fi
        mount --rbind "$2" "$place"
        if [ "$1" = ro ]; then
          mount -o remount,bind,ro "$place" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev "$place"
        fi
      fi ;;
  esac
  shift 3
done
shift
if [ "$one_by_one" = yes ]; then
  mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
  for node in null zero full random urandom tty; do mount --bind "/dev/$node" "$root/dev/$node"; done
  mount -t tmpfs -o mode=1777,size=512m,nosuid,nodev mvca "$root/dev/shm"
fi
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts" 2>/dev/null || true
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"
if [ "$loopback" = up ]; then ip link set lo up; fi
if [ -w /proc/self/oom_score_adj ]; then echo 1000 > /proc/self/oom_score_adj || true; fi
cd "$root"
pivot_root . .before
umount -l /.before
rm -r /.before /.table
mount -o remount,bind,ro /
cd "$cwd"
PATH=$path
trap - EXIT
exec "$@"
`;

/**
 * What runs under the new account gives the variables that were carried their own names. Arguments: those names, `--`, and the rest.
 */
export const CARRY = `
unset PWD OLDPWD SHLVL
n=0
while [ "$1" != -- ]; do
  eval "export $1=\\"\\$MVCA_CARRIED_$n\\"; unset MVCA_CARRIED_$n"
  n=$((n + 1))
  shift
done
shift
`;

/**
 * The first process of the sandbox: it waits for the command, so that a command is never the first process, whom signals do not end
 * and whose lost children nobody waits for. Its own remarks (`Terminated`) are nobody's output. With its end the kernel ends whatever
 * the command has left running. Arguments: the names of the variables that were carried, `--`, and the command.
 */
export const FIRST_PROCESS = `${CARRY}exec 3>&2 2>/dev/null
setpriv --no-new-privs -- "$@" 2>&3 3>&-
code=$?
exit "$code"
`;
