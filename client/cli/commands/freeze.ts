import type { Command } from 'commander';
import type { FreezeAnswer, FreezeTime, FreezeView } from '../../../domain/freezes/freeze';
import type { Cli } from '../cli';
import { asOption, declare, keyOption, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';
import { ownTimeZone, readMoment } from '../moment';
import { readDuration } from '../options';
import { freezeLines } from '../views/freezes';

interface Scope extends JsonOption {
  readonly all?: boolean;
  readonly as: string;
  readonly reason?: string;
}

interface Ending extends Scope {
  readonly id?: string;
  readonly key?: string;
}

interface Options extends Scope {
  readonly list?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly for?: number;
  readonly cron?: string;
  readonly duration?: number;
  readonly timeZone?: string;
}

export function addFreeze(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'freeze [app]',
    does: 'let no deployment begin to change production, of one application or of all, until then',
    examples: [
      'mvca freeze shop --for 2h --reason "the sale"',
      'mvca freeze --all --until 2026-12-27T08:00 --time-zone Europe/Berlin --reason "holidays"',
      'mvca freeze --all --cron \'0 16 * * FRI\' --duration 64h --time-zone Europe/Berlin --reason "weekend"',
      'mvca freeze --list',
    ],
    notes: [
      'A deployment is parked: before it begins, and again right before production; it goes on by itself when the freeze is over. Staging and',
      'development are not frozen. A rollback is never stopped, nor a deployment that changes production already. In an emergency a named person',
      'lets one deployment through: mvca waive shop --finding freeze --reason WHY.',
    ],
  })
    .option('--all', 'all applications')
    .option('--from <time>', 'when it begins (default: now)')
    .option('--until <time>', 'when it ends, such as 2026-11-30T08:00 (on the clock of --time-zone)')
    .option('--for <duration>', 'how long it lasts, such as 2h', readDuration)
    .option('--cron <pattern>', "when each window begins, such as '0 16 * * FRI'")
    .option('--duration <duration>', 'how long each window of --cron lasts, such as 64h', readDuration)
    .option('--time-zone <name>', 'such as Europe/Berlin (default: that of this machine)')
    .option('--reason <text>', 'why; whoever is parked reads it')
    .option('--list', 'show what is in force and the next five windows of each, and change nothing')
    .addOption(asOption(config))
    .action(run((cli: Cli, named: string | undefined, options: Options) => freeze(cli, named, options)));
}

export function addUnfreeze(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'unfreeze [app]',
    does: 'end the freezes of an application, or those of all; what they parked goes on',
    examples: [
      'mvca unfreeze shop',
      'mvca unfreeze --all --reason "the sale is over"',
      'mvca unfreeze shop --id freeze-1a2b3c4d',
    ],
    notes: ['--all ends those that were made with --all; one of a single application stays.'],
  })
    .option('--all', 'those of all applications')
    .option('--id <id>', 'this one alone, as `mvca freeze --list` names it')
    .option('--reason <text>', 'kept in the audit log')
    .addOption(asOption(config))
    .addOption(keyOption())
    .action(run((cli: Cli, named: string | undefined, options: Ending) => unfreeze(cli, named, options)));
}

async function freeze(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  if (options.list === true) return list(cli, named, options);
  const { as: by, reason = '' } = options;
  if (reason.trim() === '') throw new Halt('a freeze needs a reason, which whoever is parked reads: --reason WHY');
  const app = await scopeOf(cli, named, options);
  const time = timeOf(options);
  const { deployments } = await cli.engine({ start: true });
  const answer = await deployments.freeze({ kind: 'freeze', app, by, reason: reason.trim(), time });
  return say(cli, answer, options, `mvca unfreeze ${app ?? '--all'}`);
}

async function unfreeze(cli: Cli, named: string | undefined, options: Ending): Promise<number> {
  const { as: by, id = null, reason = null } = options;
  const app = await scopeOf(cli, named, options);
  const { deployments } = await cli.engine({ start: true, key: options.key });
  const answer = await deployments.freeze({ kind: 'unfreeze', app, id, by, reason });
  if (options.json) cli.print.json(answer);
  else {
    const count = answer.changed.length;
    const what = app ?? 'all applications';
    cli.print.result(
      count === 0
        ? `there was no freeze of ${what}`
        : `${count} ${count === 1 ? 'freeze' : 'freezes'} of ${what} ended`,
    );
    sayViews(cli, answer.freezes);
  }
  return EXIT.succeeded;
}

async function list(cli: Cli, named: string | undefined, { all, json }: Options): Promise<number> {
  const app = named === undefined || all ? null : await cli.app(named);
  const { deployments } = await cli.engine({ start: false });
  const freezes = await deployments.freezes(app);
  if (json) cli.print.json(freezes);
  else if (freezes.length === 0) cli.print.progress('nothing is frozen, and nothing will be');
  else sayViews(cli, freezes);
  return EXIT.succeeded;
}

function say(cli: Cli, answer: FreezeAnswer, { json }: Scope, undo: string): number {
  if (json) cli.print.json(answer);
  else {
    sayViews(cli, answer.changed);
    cli.print.progress(line(part('end it: ', 'dim'), undo));
    cli.print.progress(line(part('a rollback is not stopped, nor what changes production already', 'dim')));
  }
  return EXIT.succeeded;
}

function sayViews(cli: Cli, freezes: readonly FreezeView[]): void {
  for (const each of freezes) for (const whole of freezeLines(each, Date.now())) cli.print.result(whole);
}

/** null: all applications. */
async function scopeOf(cli: Cli, named: string | undefined, { all = false }: Scope): Promise<string | null> {
  if (all && named !== undefined) throw new Halt(`one application or all: leave out --all, or ${named}`);
  return all ? null : cli.app(named);
}

/** Exactly one of `--until`, `--for` and `--cron` says how long. @throws Halt */
function timeOf({ from, until, for: forMs, cron, duration, timeZone = ownTimeZone() }: Options): FreezeTime {
  const given = [until, forMs, cron].filter((value) => value !== undefined).length;
  if (given !== 1)
    throw new Halt('until when? Say one of --until TIME, --for 2h, or --cron PATTERN with --duration 64h');
  if ((cron === undefined) !== (duration === undefined)) throw new Halt('--cron and --duration belong together');
  if (cron !== undefined && duration !== undefined) {
    if (from !== undefined) throw new Halt('--from is for a freeze that comes once: leave it out with --cron');
    return { kind: 'cron', cron, durationMs: duration, timeZone };
  }
  const begin = from === undefined ? Date.now() : readMoment(from, timeZone);
  const end = until === undefined ? begin + (forMs ?? 0) : readMoment(until, timeZone);
  return { kind: 'once', from: new Date(begin).toISOString(), until: new Date(end).toISOString() };
}
