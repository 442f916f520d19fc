/** Waits in line, in sight: who is before, and what becomes of it. Ctrl-C leaves the place as it is. */
import { nameOf, type Place } from '../../domain/line';
import type { Deployment } from '../deployment';
import type { LinePlace } from '../line';
import type { Cli } from './cli';
import { EXIT } from './exit-codes';
import { line, part } from './line';

export interface InLine {
  readonly json: boolean;
  readonly detach: boolean;
}

export const isPlace = (begun: Deployment | LinePlace): begun is LinePlace => 'turn' in begun;

/** The deployment when its turn has come; else an exit code: it was left in the line. @throws AlreadyRunning, LeftLine */
export async function waitInLine(cli: Cli, place: LinePlace, { json, detach }: InLine): Promise<Deployment | number> {
  const stop = new AbortController();
  const away = (): void => stop.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, away);
  process.exitCode = EXIT.leftAlone;
  try {
    const { mode } = await sayPlace(cli, place, json);
    // Whoever wants the place of another one waits for its answer, also when that is all there is to wait for.
    if (detach && mode === 'queue') return EXIT.succeeded;
    const begun = await place.turn({ signal: stop.signal });
    if (begun !== null) return begun;
  } finally {
    for (const name of signals) process.off(name, away);
  }
  cli.print.progress(line(part(`it keeps its place in the line of ${place.app}, and starts without you`, 'strong')));
  cli.print.progress(`  see the line:   mvca status ${place.app}`);
  cli.print.progress(`  leave the line: mvca abort ${place.app} --in-line ${place.id} --reason WHY`);
  return EXIT.leftAlone;
}

async function sayPlace({ print }: Cli, joined: LinePlace, json: boolean): Promise<Place> {
  const { app, id } = joined;
  const { place, before } = await joined.look();
  const number = before.length + 1;
  if (json)
    print.json({ type: 'in-line', app, id, place: number, before: before.map(brief), deadline: place.deadline });
  else if (place.state === 'waiting') {
    const others = before.length === 0 ? '' : `, after ${before.map(nameOf).join(', ')}`;
    const what = place.mode === 'queue' ? 'waits in line' : 'takes the place of the running deployment';
    print.progress(line(part(`${nameOf(place)} ${what} (place ${number}${others}); ${id}`, 'warn')));
  }
  return place;
}

const brief = ({ id, version, requester, kind }: Place) => ({ id, version, requester, kind });
