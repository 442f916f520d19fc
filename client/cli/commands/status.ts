import type { Command } from 'commander';
import type { LiveActivity } from '../../live';
import { standingOf, type Standing } from '../../standing';
import { appNameIn, loadSpec } from '../../spec-file';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { stackLines, stackState } from '../stack';
import { statusLines } from '../views/status';

interface Options extends JsonOption {
  readonly spec?: string;
}

export function addStatus(program: Command, run: Run): void {
  declare(program, {
    usage: 'status [app]',
    does: 'show how an application stands; without one (and outside its folder) the engine and all applications',
    examples: ['mvca status shop', 'mvca status --json'],
    notes: ['Changes and starts nothing.'],
  })
    .option('--spec <file>', 'the spec (default: deployment.yaml in this folder)')
    .option('--all', 'the engine and all applications, also in the folder of one')
    .action(
      run((cli: Cli, named: string | undefined, options: Options & { readonly all?: boolean }) =>
        options.all ? stack(cli, options) : status(cli, named, options),
      ),
    );
}

async function status(cli: Cli, named: string | undefined, options: Options): Promise<number> {
  const app = named ?? (await appNameIn(options.spec));
  if (app === null) return stack(cli, options);
  const meant = await cli.app(app);
  const loaded = await loadSpec(options.spec);
  const { deployments } = await cli.engine({ start: false });
  const standing = await standingOf(deployments, meant, loaded.kind === 'read' ? loaded.spec : null);
  if (standing === null)
    throw new Halt(`nothing is known of ${meant}: it was never deployed here. Start with \`mvca deploy\``);
  if (options.json) cli.print.json(statusObject(standing));
  else for (const whole of statusLines(standing, Date.now())) cli.print.result(whole);
  return EXIT.succeeded;
}

/** What `status --json` prints: the fields that scripts rely on, and everything else that is known. */
export function statusObject({
  app,
  status,
  state,
  webUi,
  releases,
  wayBack,
  freezes,
  line,
  activities = [],
}: Standing) {
  return {
    version: null,
    deployment: null,
    run: null,
    phase: null,
    environment: null,
    step: null,
    outcome: null,
    waitingFor: null,
    pause: null,
    why: null,
    eta: null,
    messages: [],
    ...status,
    app,
    releases,
    wayBack,
    freezes,
    line,
    state,
    webUi,
    activities: activities.map(activityObject),
  };
}

/** What is done now: for how long, what was said last, and why it is tried again. */
const activityObject = ({ name, attempt, lastFailure, progress }: LiveActivity) => ({
  name,
  attempt,
  lastFailure,
  ...(progress?.kind !== 'command'
    ? {}
    : { doing: progress.doing, since: progress.since ?? null, lastLine: progress.lines.at(-1)?.text ?? null }),
});

async function stack(cli: Cli, { json }: Options): Promise<number> {
  const state = await stackState(cli);
  if (json) cli.print.json(state);
  else for (const whole of stackLines(state)) cli.print.result(whole);
  return EXIT.succeeded;
}
