/** Two terminals on one screen: each line says whose it is; a command is printed as it is typed, then what it prints itself. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Person = 'ana' | 'bo';

export interface Typed {
  readonly code: number | null;
  /** Of standard output. */
  readonly lines: readonly string[];
}

export interface Run {
  readonly person: Person;
  /** As it is typed: `npx mvca deploy`. */
  readonly typed: readonly string[];
  /** What is run in place of `npx mvca`; none: what was typed. */
  readonly argv?: readonly string[];
  readonly input?: string;
  /** After so long it is ended, and its code is null. */
  readonly timeoutMs: number;
}

export interface Terminal {
  /** Prints the command and its output, and answers how it ended. Never throws for a command that fails. */
  type(run: Run): Promise<Typed>;
  /** Runs without printing. */
  quietly(run: Run): Promise<Typed>;
  say(text: string): void;
  /** Ends every command that still runs. */
  hangUp(): void;
}

export interface TerminalOptions {
  readonly cwd: string;
  readonly environmentOf: (person: Person) => NodeJS.ProcessEnv;
  readonly write: (text: string) => void;
  readonly colours: boolean;
}

/** Makes the screen. Commands run in `cwd`, in process groups of their own: Ctrl-C reaches the demo, not them. */
export function createTerminal(options: TerminalOptions): Terminal {
  const running = new Set<() => void>();
  const paint = (code: number, text: string) => (options.colours ? `\x1b[${code}m${text}\x1b[0m` : text);

  function start(run: Run, onLine: (line: string) => void): Promise<Typed> {
    const [program = '', ...args] = run.argv ?? run.typed;
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.environmentOf(run.person),
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const end = () => void child.kill('SIGTERM');
    const timer = setTimeout(end, run.timeoutMs);
    running.add(end);
    child.stdin.on('error', () => undefined); // it ended before it read its input; its code tells
    child.stdin.end(run.input ?? '');
    const lines: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
        if (input === child.stdout) lines.push(line);
        onLine(line);
      });
    }
    return new Promise((resolve) => {
      const ended = (code: number | null) => {
        clearTimeout(timer);
        running.delete(end);
        resolve({ code, lines });
      };
      child.once('error', (error) => {
        onLine(error.message);
        ended(null);
      });
      child.once('close', ended);
    });
  }

  return {
    type(run) {
      const gutter = paint(run.person === 'ana' ? 36 : 35, `${run.person.padEnd(3)} │`);
      options.write(`${gutter} ${paint(1, `$ ${run.typed.map(quoted).join(' ')}`)}\n`);
      return start(run, (line) => options.write(`${gutter} ${line}\n`));
    },
    quietly: (run) => start(run, () => undefined),
    say: (text) => options.write(`${text}\n`),
    hangUp() {
      for (const end of running) end();
    },
  };
}

/** As a person would type it for a POSIX shell. */
const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
