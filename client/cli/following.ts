/** Follows a deployment to its end on whatever there is to show it on, and answers the exit code. */
import type { Deployment, Look } from '../deployment';
import type { FollowUpdate } from '../follow';
import { type Cli } from './cli';
import { EXIT } from './exit-codes';
import { sayEnd } from './ending';
import { jsonView } from './follow-views/json';
import { liveView } from './follow-views/live';
import { plainView } from './follow-views/plain';
import { line, part } from './line';

/** Shows updates as they come. */
export interface FollowView {
  update(update: FollowUpdate): void;
  /** Ends the showing; `last` is what was seen last, null when nothing was. */
  close(last: Look | null): void;
}

export interface Following {
  readonly json: boolean;
  /** Called with every look, such as to answer an approval. */
  readonly onLook?: (look: Look) => Promise<void>;
}

/**
 * Follows until the end. Ctrl-C leaves the deployment running and says how to come back to it.
 * @returns the exit code of the outcome; 130 after Ctrl-C.
 * @throws EngineUnreachable when the engine stays away for two minutes.
 */
export async function followToEnd(cli: Cli, deployment: Deployment, following: Following): Promise<number> {
  const stop = new AbortController();
  const leave = (): void => stop.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, leave);
  // Whoever stops reading (`mvca deploy | head`) leaves it alone too.
  process.exitCode = EXIT.leftAlone;
  const view = viewFor(cli, deployment, following);
  let last: Look | null = null;
  try {
    for await (const update of deployment.follow({ signal: stop.signal })) {
      if (stop.signal.aborted) break;
      view.update(update);
      if (update.kind !== 'look') continue;
      last = update.look;
      await following.onLook?.(last);
    }
  } finally {
    for (const name of signals) process.off(name, leave);
    view.close(last);
  }
  if (last === null || last.state === 'running') return sayHowToComeBack(cli, deployment);
  return sayEnd(cli, deployment, { status: last.status, state: last.state, json: following.json });
}

function viewFor(cli: Cli, deployment: Deployment, { json }: Following): FollowView {
  if (json) return jsonView(cli.print);
  const { terminal } = cli.print;
  return terminal === null ? plainView(cli.print, deployment) : liveView(cli.print, terminal, deployment);
}

function sayHowToComeBack({ print }: Cli, { app }: Deployment): number {
  print.progress(line(part(`the deployment of ${app} goes on without you`, 'strong')));
  print.progress(`  come back to it: mvca watch ${app}`);
  print.progress(`  undo it:         mvca abort ${app} --reason WHY`);
  return EXIT.leftAlone;
}
