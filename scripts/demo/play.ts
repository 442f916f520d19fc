/** The four deployments, in the order in which they are played. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnosis } from '../../domain/diagnosis/answer';
import type { CountingClient } from '../counting-client';
import { watchHealth, whenServing } from './audience';
import type { DemoFacts, Scene, SceneFacts } from './checks';
import { APP, mvca, writeVersion } from './stage';
import type { Stage } from './stage';
import type { Person, Terminal, Typed } from './terminal';

const QUICK_MS = 120_000;
const DEPLOY_MS = 180_000;
const LOOK_EVERY_MS = 700;
/** The client goes on for a while after the last deployment has ended. */
const AFTER_MS = 2_000;

export interface Play {
  readonly stage: Stage;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** The part of `mvca status --json` that the demo reads. */
interface Status {
  readonly outcome?: string | null;
  readonly report?: string | null;
  readonly webUi?: string | null;
  readonly diagnosis?: Diagnosis | null;
  readonly waitingFor?: { readonly kind: string } | null;
}

type Ended = Omit<SceneFacts, 'counts'> & { readonly webUi: string | null };

/** Plays all of it. Throws when a command that must succeed does not, or when `signal` comes. */
export async function play(it: Play): Promise<DemoFacts> {
  await openingScene(it);
  const first = await firstRelease(it);
  const { client } = first;
  try {
    const b = await goodRelease(it, client);
    const { ended: c, health } = await badRelease(it, client);
    client.mark('between');
    const d = await lateRelease(it, client);
    client.mark('after');
    await sleep(AFTER_MS);
    await client.stop();
    const facts = (scene: Scene, ended: Ended) => ({ ...ended, counts: client.snapshot(scene) });
    const scenes = { a: facts('a', first.ended), b: facts('b', b), c: facts('c', c), d: facts('d', d) };
    const diagnosis = await diagnosisOf(it, d);
    const between = client.snapshot('between');
    return { scenes, between, after: client.snapshot('after'), health, diagnosis, webUi: d.webUi };
  } finally {
    await client.stop();
  }
}

async function openingScene(it: Play): Promise<void> {
  it.terminal.say('\nA small shop on Express, as a developer has it: a folder with a deployment.yaml.\n');
  await must(it, ['git', 'init', '--quiet', '-b', 'main']);
  await commit(it, 'A shop: page, products, cart, payments', '1.0.0');
  await must(it, mvca('up'));
}

async function firstRelease(it: Play): Promise<{ ended: Ended; client: CountingClient }> {
  it.terminal.say('\n(a) The first release, 1.0.0. From its first answer on a client sends 100 requests a second.\n');
  const over = new AbortController();
  const coming = whenServing(it.stage.productionUrl, 'a', AbortSignal.any([it.signal, over.signal]));
  try {
    const ended = await deploy(it, '1.0.0');
    over.abort();
    const client = await coming;
    if (client === null) throw new Error(`1.0.0 ended \`${ended.outcome}\`, and production never served`);
    return { ended, client };
  } catch (error) {
    over.abort();
    await (await coming)?.stop();
    throw error;
  }
}

async function goodRelease(it: Play, client: CountingClient): Promise<Ended> {
  it.terminal.say('\n(b) 1.1.0 has a banner on its page.\n');
  await writeVersion(it.stage, '1.1.0');
  await commit(it, 'Say from which total orders are sent free of charge', '1.1.0');
  client.mark('b');
  return deploy(it, '1.1.0');
}

async function badRelease(it: Play, client: CountingClient): Promise<{ ended: Ended; health: DemoFacts['health'] }> {
  it.terminal.say('\n(c) 1.2.0 verifies payment webhooks with a secret. Staging gets it; production is forgotten.\n');
  await writeVersion(it.stage, '1.2.0');
  await commit(it, 'Verify the signature of payment webhooks', '1.2.0');
  const input = `whsec_${randomBytes(16).toString('hex')}\n`;
  await must(it, mvca('secrets', 'set', APP, 'staging', 'STRIPE_WEBHOOK_SECRET'), input);
  client.mark('c');
  const health = watchHealth(it.stage.productionUrl);
  try {
    return { ended: await deploy(it, '1.2.0'), health: await health.stop() };
  } finally {
    await health.stop();
  }
}

async function lateRelease(it: Play, client: CountingClient): Promise<Ended> {
  it.terminal.say(
    [
      '\n(d) 1.3.0 leaves the signatures for later, and books payments in euros, by rates that are fetched after a minute with a key.',
      '    Staging gets the key; production is forgotten again, but from now on it is a canary: a fifth of the traffic at first.\n',
    ].join('\n'),
  );
  await writeVersion(it.stage, '1.3.0');
  await commit(it, 'Book payments in euros', '1.3.0');
  const input = `${randomBytes(16).toString('hex')}\n`;
  await must(it, mvca('secrets', 'set', APP, 'staging', 'EXCHANGE_RATES_KEY'), input);
  client.mark('d');
  return deploy(it, '1.3.0');
}

/** What the deployment says of the cause, and the report that says it, too. */
async function diagnosisOf(it: Play, { report }: Ended): Promise<DemoFacts['diagnosis']> {
  const { diagnosis } = await readStatus(it);
  if (diagnosis == null || report === null) return null;
  const [best] = diagnosis.causes;
  return {
    title: best?.title ?? null,
    command: best?.remedy.command ?? null,
    impact: diagnosis.impact,
    report: await readFile(path.join(report, 'report.html'), 'utf8').catch(() => ''), // a check says that it is not there
  };
}

/** `ana` deploys and follows; `bo` approves in a second terminal when it is asked for. */
async function deploy(it: Play, version: string): Promise<Ended> {
  const following = { isOver: false };
  const deployment = it.terminal.type({ person: 'ana', ...mvca('deploy'), timeoutMs: DEPLOY_MS });
  const approving = approveWhenAsked(it, following);
  const { code } = await deployment;
  following.isOver = true;
  await approving;
  stopIfAsked(it);
  const { outcome = null, report = null, webUi = null } = await readStatus(it);
  return { version, exitCode: code, outcome, report, webUi };
}

async function approveWhenAsked(it: Play, following: { readonly isOver: boolean }): Promise<void> {
  while (!following.isOver && !it.signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    if (following.isOver || (await readStatus(it)).waitingFor?.kind !== 'approval') continue;
    await it.terminal.type({ person: 'bo', ...mvca('approve', APP, '--as', 'bo'), timeoutMs: QUICK_MS });
    return;
  }
}

/** Empty while there is nothing to tell. */
async function readStatus(it: Play): Promise<Status> {
  const { code, lines } = await it.terminal.quietly({
    person: 'bo',
    ...mvca('status', APP, '--json'),
    timeoutMs: QUICK_MS,
  });
  if (code !== 0) return {};
  try {
    return JSON.parse(lines.join('\n')) as Status;
  } catch {
    return {}; // the deployment is just being started
  }
}

async function commit(it: Play, message: string, tag: string): Promise<void> {
  await must(it, ['git', 'add', '.']);
  await must(it, ['git', 'commit', '--quiet', '-m', message]);
  await must(it, ['git', 'tag', tag]);
}

type CommandLine = readonly string[] | { readonly typed: readonly string[]; readonly argv: readonly string[] };

/** Types as `ana`; throws unless it exits with 0. */
async function must(it: Play, command: CommandLine, input?: string): Promise<Typed> {
  stopIfAsked(it);
  const line = 'typed' in command ? command : { typed: command };
  const person: Person = 'ana';
  const result = await it.terminal.type({
    person,
    ...line,
    timeoutMs: QUICK_MS,
    ...(input !== undefined && { input }),
  });
  if (result.code !== 0) throw new Error(`\`${line.typed.join(' ')}\` ended with ${result.code ?? 'a signal'}`);
  return result;
}

function stopIfAsked({ signal }: Play): void {
  if (signal.aborted) throw new Error('the demo was interrupted');
}
