import { Option, type Command } from 'commander';
import type { Tier } from '../../../domain/words';
import type { Deployment, Look } from '../../deployment';
import type { OnConflict } from '../../line';
import type { Cli } from '../cli';
import { asOption, declare, keyOption, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { followToEnd } from '../following';
import { Halt } from '../halt';
import { isPlace, waitInLine } from '../in-line';
import { line, part } from '../line';
import { readTier, readVersion } from '../options';

interface Options extends JsonOption {
  readonly spec?: string;
  readonly version?: string;
  readonly to?: Tier;
  readonly dirty?: boolean;
  readonly detach?: boolean;
  readonly approve?: boolean;
  /** false with --no-wait. */
  readonly wait: boolean;
  readonly reason?: string;
  readonly onConflict: OnConflict;
  readonly as: string;
  readonly key?: string;
}

export function addDeploy(program: Command, run: Run, config: { readonly user: string }): void {
  declare(program, {
    usage: 'deploy',
    does: 'take the application in this folder to production, and follow it',
    examples: [
      'mvca deploy',
      'mvca deploy --to staging --version 1.4.0',
      'mvca deploy --json --as ana',
      'mvca deploy --on-conflict queue',
      'mvca deploy --no-wait',
    ],
    notes: [
      '--on-conflict: `fail` says that another deployment runs (6); `queue` waits in line, which the engine keeps whoever goes away, for at',
      'most 24 hours; `supersede` takes its place, as long as it has changed nothing in production.',
      '--no-wait: for CI at night. An inconclusive gate is rejected (3), an inconclusive watch goes back (4); approvals and freezes are waited for.',
      'The embedded engine is started when it does not run. Ctrl-C leaves the deployment running (exit code 130).',
      'Exit codes: 0 succeeded, 3 rejected, 4 rolled back, 5 rollback failed, 6 another one is running, 7 engine unreachable,',
      '            2 wrong usage, spec or plan, 1 unexpected.',
    ],
  })
    .option('--spec <file>', 'the spec (default: deployment.yaml in this folder)')
    .option(
      '--version <version>',
      "its version (default: the tag, else the commit, else the source's digest)",
      readVersion,
    )
    .option('--to <environment>', 'the last environment to reach (default: the last of the spec)', readTier)
    .option('--dirty', 'take changes that git does not have; the version then says so')
    .option('--detach', 'start it and do not follow it')
    .option('--reason <text>', 'why; needed where this version was rolled back the last time, kept in the audit log')
    .option(
      '--no-wait',
      'nobody is there to answer: what a gate or a watch cannot decide ends it at once, and says what it needs',
    )
    .option('--approve', "say the requester's own yes when it is asked for (which may be refused)")
    .addOption(
      new Option('--on-conflict <what>', 'when another deployment of the application runs')
        .choices(['fail', 'queue', 'supersede'])
        .default('fail'),
    )
    .addOption(asOption(config))
    .addOption(keyOption())
    .action(run((cli: Cli, options: Options) => deploy(cli, options)));
}

async function deploy(cli: Cli, options: Options): Promise<number> {
  const { detach = false, json = false, approve = false } = options;
  if (detach && approve) throw new Halt('--approve needs somebody who waits until it is asked for: leave out --detach');
  const { spec, directory, file } = await cli.spec(options.spec);
  const { deployments } = await cli.engine({ start: true, key: options.key });
  const request = {
    spec,
    directory,
    file,
    version: options.version ?? null,
    dirty: options.dirty ?? false,
    requester: options.as,
    reason: options.reason ?? null,
    ...(options.wait ? {} : { noWait: true }),
    ...(options.to === undefined ? {} : { to: options.to }),
  };
  const { onConflict } = options;
  const begun = await (onConflict === 'fail'
    ? deployments.start(request)
    : deployments.startInLine(request, onConflict));
  const deployment = isPlace(begun) ? await waitInLine(cli, begun, { json, detach }) : begun;
  if (typeof deployment === 'number') return deployment;
  if (detach) return sayStarted(cli, deployment, json);
  const onLook = approve ? approveOnce(cli, deployment, options.as) : async () => undefined;
  return followToEnd(cli, deployment, { json, onLook });
}

export function sayStarted({ print }: Cli, { app, id, run, webUi }: Deployment, json: boolean): number {
  if (json) {
    print.json({ type: 'started', app, deployment: id, run, webUi });
    return EXIT.succeeded;
  }
  print.result(`the deployment of ${app} has started`);
  print.result(`  follow it: mvca watch ${app}`);
  if (webUi !== null) print.result(`  web UI:    ${webUi}`);
  return EXIT.succeeded;
}

/** Approves each digest that is asked for once, and says what became of it. */
function approveOnce({ print }: Cli, deployment: Deployment, by: string): (look: Look) => Promise<void> {
  const asked = new Set<string>();
  return async ({ status: { waitingFor } }) => {
    if (waitingFor?.kind !== 'approval' || waitingFor.digest === null || asked.has(waitingFor.digest)) return;
    asked.add(waitingFor.digest);
    const { accepted, reason } = await deployment.approve({ by, digest: waitingFor.digest });
    print.progress(
      line(part(`approval by ${by} ${accepted ? 'accepted' : 'refused'}: ${reason}`, accepted ? 'good' : 'bad')),
    );
  };
}
