/** Files, folders, disk and descriptors. */
import { quotable } from '../../command/quotable';
import type { Remedy } from '../answer';
import { fileText, type Fault } from '../fault';
import type { Recogniser, Recognition } from './recogniser';

type Kind = (fault: Fault) => Recognition | null;

const pathIn = ({ fields, message }: Fault): string | null =>
  fields['path'] ?? fields['dest'] ?? /, \w+ '([^']+)'/.exec(message)?.[1] ?? null;

const notWritable: Kind = (fault) => {
  if (fault.fields['syscall'] === 'listen' || /\blisten E/.test(fault.message)) return privilegedPort(fault);
  const file = pathIn(fault);
  return {
    cause: 'not-writable',
    subject: file === null ? '' : fileText(file),
    confidence: 0.9,
    title: `${file ?? 'a file or folder'} may not be ${/open|read|scandir|access/.test(fault.fields['syscall'] ?? '') ? 'opened' : 'written'} by the application's user`,
    remedy: {
      text: 'Write to a folder that `platform.persistent` names, or give the user of the application the right to it.',
      ...lookAt(file),
    },
  };
};

const privilegedPort: Kind = (fault) => ({
  cause: 'port-not-allowed',
  subject: fault.fields['port'] ?? '',
  confidence: 0.9,
  title: `the application's user may not listen on port ${fault.fields['port'] ?? /:(\d+)/.exec(fault.message)?.[1] ?? 'below 1024'}`,
  remedy: { text: 'Listen on the port that the variable PORT names.' },
});

const missing: Kind = (fault) => {
  const file = pathIn(fault);
  if ((fault.fields['syscall'] ?? '').startsWith('spawn') || /\bspawn \S+ ENOENT/.test(fault.message))
    return missingProgram(fault);
  return {
    cause: 'missing-file',
    subject: file === null ? '' : fileText(file),
    confidence: 0.85,
    title: `${file ?? 'a file'} does not exist`,
    remedy: {
      text: 'See that the artifact holds it (`build.artifact.include`), or that its folder is made before it is used (`platform.persistent`).',
    },
  };
};

const missingProgram: Kind = ({ message, fields }) => {
  const program = fields['path'] ?? /spawn (\S+) ENOENT/.exec(message)?.[1] ?? null;
  return {
    cause: 'missing-program',
    subject: program ?? '',
    confidence: 0.9,
    title: `the program ${program ?? 'that is to be started'} is not installed here`,
    remedy: { text: 'Install it on this machine, or correct the command.' },
  };
};

const diskFull: Kind = (fault) => {
  const file = pathIn(fault);
  const folder = file === null ? null : quotable('path', folderOf(file));
  return {
    cause: 'disk-full',
    subject: '',
    confidence: 0.95,
    title: `the disk${file === null ? '' : ` that ${file} lies on`} is full`,
    remedy: {
      text: 'Make room, or enlarge it; see what grows.',
      command: `df -h${folder === null ? '' : ` -- ${folder}`}`,
    },
  };
};

const tooManyFiles: Kind = () => ({
  cause: 'too-many-files',
  subject: '',
  confidence: 0.9,
  title: 'the process holds as many files and sockets as it may',
  remedy: {
    text: 'Look for files and sockets that are opened and never closed; else raise the limit.',
    command: 'ulimit -n',
  },
});

const folderOf = (file: string): string => file.replace(/\/[^/]*$/, '') || (file.startsWith('/') ? '/' : '.');

function lookAt(file: string | null): Pick<Remedy, 'command'> {
  const place = quotable('path', file);
  return place === null ? {} : { command: `ls -ld -- ${place} ${folderOf(place)}` };
}

const BY_CODE: Readonly<Record<string, Kind>> = {
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  ERR_ACCESS_DENIED: notWritable,
  ENOENT: missing,
  ENOTDIR: missing,
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  '53100': diskFull,
  SQLITE_FULL: diskFull,
  SQLITE_READONLY: notWritable,
  SQLITE_CANTOPEN: notWritable,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
};

export const recogniseFiles: Recogniser = (fault) =>
  fault.code === null ? null : (BY_CODE[fault.code]?.(fault) ?? null);
