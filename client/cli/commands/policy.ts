import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { Option, type Command } from 'commander';
import { personProblem } from '../../../domain/approvals/person';
import type { ApprovalPolicy } from '../../../domain/approvals/decide';
import { addressWords } from '../../../domain/policy/addresses';
import { repositoryWords } from '../../../domain/policy/admit';
import { approvalWords } from '../../../domain/policy/approval';
import type { KeptPolicy } from '../../../domain/policy/policy';
import { waitingSentence } from '../../../domain/reports/sentence';
import { TIERS, type Address, type Tier } from '../../../domain/words';
import type { PolicyRequest } from '../../../workflows/messages';
import type { Deployment } from '../../deployment';
import type { Cli } from '../cli';
import { asOption, declare, keyOption, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { Halt } from '../halt';
import { line, part } from '../line';
import { readAddress, readCount } from '../options';

const POLL_MS = 300;

interface Wanted extends JsonOption {
  readonly from?: string;
  readonly needs?: number;
  readonly requester?: 'may' | 'may-not';
  readonly listen?: Address;
  readonly repository?: string;
  readonly detach?: boolean;
  readonly as: string;
  readonly key?: string;
}

export function addPolicy(program: Command, run: Run, config: { readonly user: string }): void {
  const policy = program
    .command('policy')
    .description('show or change what the engine keeps of an application, whatever its spec says');
  declare(policy, {
    usage: 'show [app]',
    does: 'show to which repository an application belongs, its addresses, and who approves',
    examples: ['mvca policy show shop', 'mvca policy show shop --json'],
  }).action(run((cli: Cli, named: string | undefined, options: JsonOption) => show(cli, named, options)));
  declare(policy, {
    usage: 'set <app> [environment]',
    does: 'change it; what asks for less than before waits for the people of the old policy',
    examples: [
      'mvca policy set shop production --from ana,bo --needs 2 --requester may-not',
      'mvca policy set shop production --listen 127.0.0.1:8090',
      'mvca policy set shop --repository .',
    ],
    notes: [
      'The first deployment records the policy. A change that asks for more, or that needs nobody else, counts at once; any other waits for',
      '`mvca approve APP --policy`. Exit codes: 0 it counts (or waits, with --detach), 2 it cannot be, 3 it was refused.',
    ],
  })
    .option('--from <names>', 'who may approve, with commas between; an empty text: anybody')
    .option('--needs <count>', 'how many must', readCount)
    .addOption(new Option('--requester <may>', 'whether who asks may approve').choices(['may', 'may-not']))
    .option('--listen <address>', 'the address to keep; others of the environment are let go of', readAddress)
    .option('--repository <folder>', 'the folder of the application in the repository that it belongs to now')
    .addOption(keyOption())
    .option('--detach', 'do not wait for an approval')
    .addOption(asOption(config))
    .action(
      run((cli: Cli, app: string, environment: string | undefined, options: Wanted) =>
        set(cli, { app, environment }, options),
      ),
    );
}

async function show(cli: Cli, named: string | undefined, { json }: JsonOption): Promise<number> {
  const app = await cli.app(named);
  const { deployments } = await cli.engine({ start: false });
  const kept = await deployments.policy(app);
  if (json) cli.print.json(kept);
  else if (kept === null) cli.print.result(`nothing is kept of ${app} yet: its first deployment records it`);
  else for (const text of policyLines(kept)) cli.print.result(text);
  return EXIT.succeeded;
}

function policyLines({ app, repository, since, by, environments }: KeptPolicy): readonly string[] {
  const owner = repository === null ? 'not known yet' : repositoryWords(repository);
  return [
    `${app}  belongs to ${owner}, since ${since} by ${by}`,
    ...environments.map((kept) => {
      const addresses = kept.addresses.map(addressWords).join(', ');
      return `${kept.environment}  approval: ${approvalWords(kept.approval)}; ${addresses}; since ${kept.since} by ${kept.by}`;
    }),
  ];
}

interface Place {
  readonly app: string;
  readonly environment: string | undefined;
}

async function set(cli: Cli, place: Place, options: Wanted): Promise<number> {
  const app = await cli.app(place.app);
  const environment = place.environment === undefined ? null : tierOf(place.environment);
  const change = changeOf(environment, options);
  const { deployments } = await cli.engine({ start: true, key: options.key });
  const asked = await deployments.changePolicy({ app, by: options.as, change });
  return follow(cli, asked, options);
}

/** @throws Halt that names those that there are */
function tierOf(text: string): Tier {
  const tier = TIERS.find((known) => known === text);
  if (tier === undefined) throw new Halt(`there is no environment \`${text}\`; environments are ${TIERS.join(', ')}`);
  return tier;
}

/** @throws Halt unless exactly one thing is to be changed. */
function changeOf(environment: Tier | null, options: Wanted): PolicyRequest['change'] {
  const { from, needs, requester, listen, repository } = options;
  const to: Partial<ApprovalPolicy> = {
    ...(from === undefined ? {} : { from: namesIn(from) }),
    ...(needs === undefined ? {} : { needs }),
    ...(requester === undefined ? {} : { requester }),
  };
  const asked = [Object.keys(to).length > 0, listen !== undefined, repository !== undefined].filter(Boolean).length;
  if (asked !== 1)
    throw new Halt('one change at a time: --from, --needs and --requester together, or --listen, or --repository');
  if (repository !== undefined) return { kind: 'directory', directory: path.resolve(repository) };
  if (environment === null) throw new Halt('of which environment? mvca policy set APP ENVIRONMENT …');
  return listen === undefined ? { kind: 'approval', environment, to } : { kind: 'listen', environment, to: listen };
}

function namesIn(text: string): readonly string[] {
  const names = text.split(',').filter((name) => name !== '');
  const problem = names.map(personProblem).find((found) => found !== null);
  if (problem != null) throw new Halt(problem);
  return [...new Set(names)];
}

async function follow({ print }: Cli, asked: Deployment, { json = false, detach = false }: Wanted): Promise<number> {
  let said = false;
  for (;;) {
    const { outcome, reason, waitingFor, warnings } = await asked.status();
    if (outcome !== null) {
      const changed = outcome === 'succeeded';
      if (json) print.json({ app: asked.app, changed, reason });
      else
        print.result(line(part(`${changed ? 'changed' : 'not changed'}: ${reason ?? ''}`, changed ? 'good' : 'bad')));
      return changed ? EXIT.succeeded : EXIT.rejected;
    }
    if (waitingFor !== null && !said) {
      said = true;
      for (const warning of warnings) print.progress(warning);
      print.progress(line(part(`the change ${waitingSentence(waitingFor)}`, 'warn')));
      print.progress(line('  ', part(waitingFor.answer, 'strong')));
      if (detach && json) print.json({ app: asked.app, changed: false, waitingFor });
      if (detach) return EXIT.succeeded;
    }
    await sleep(POLL_MS);
  }
}
