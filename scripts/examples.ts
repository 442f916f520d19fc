/**
 * Remakes `docs/examples` from real deployments: `npm run build && node dist/scripts/examples.js`; with names of examples as arguments
 * these alone. Needs Chromium (`CHROMIUM`, else /usr/bin/chromium) for the pictures, and leave to mount a file system in memory, for the
 * disk of a router that becomes full; takes about ten minutes; no test needs it. Paths of this machine become those of a person `ana`,
 * and ports those of the example's spec; all else is as it was.
 */
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { whenServing } from './demo/audience';
import { APP, clearStage, environmentOf, mvca, setStage, writeVersion, type Stage } from './demo/stage';
import { editSpec, packageRoot } from './example-apps';
import { picturesOf } from './pictures/of-report';
import { runCommand, type Said } from './pictures/run-command';

const FOLDER = path.join(packageRoot(), 'docs', 'examples');
const DEADLINE_MS = 420_000;

interface Status {
  readonly outcome?: string | null;
  readonly report?: string | null;
  readonly version?: string;
  readonly step?: string;
  readonly waitingFor?: { readonly kind: string } | null;
}

interface Example {
  readonly name: string;
  readonly version: string;
  /** What `bo` says when he is asked. */
  readonly answer: readonly string[];
  readonly strategy: object;
  /** Why it is deployed again. */
  readonly reason?: string;
  /** The router's disk becomes full in this step. */
  readonly fullIn?: string;
}

const canary = (steps: readonly string[], each: string) => ({ kind: 'canary', steps, each });
const YES = ['approve', APP, '--as', 'bo'];

const EXAMPLES: readonly Example[] = [
  { name: 'succeeded', version: '1.1.0', answer: YES, strategy: canary(['10%', '50%', '100%'], '30s') },
  {
    name: 'rejected',
    version: '1.2.0',
    answer: ['reject', APP, '--as', 'bo', '--reason', 'production has no STRIPE_WEBHOOK_SECRET yet'],
    strategy: canary(['10%', '100%'], '30s'),
  },
  { name: 'rolled-back', version: '1.3.0', answer: YES, strategy: canary(['10%', '50%', '100%'], '2m') },
  {
    name: 'rollback-failed',
    version: '1.3.0',
    answer: YES,
    strategy: { kind: 'rolling', batch: 1, each: '2m' },
    reason: 'the key is said to be there now',
    fullIn: 'watch-50',
  },
];

async function main(): Promise<void> {
  const stage = await setStage();
  const disk = await smallDisk(stage);
  const over = new AbortController();
  try {
    await commit(stage, '1.0.0');
    const client = whenServing(stage.productionUrl, 'examples', over.signal);
    await deployed(stage, '1.0.0', { answer: YES });
    await mkdir(FOLDER, { recursive: true });
    for (const example of EXAMPLES)
      await (isWanted(example) ? make({ stage, disk }, example) : write(stage, example.version));
    over.abort();
    await (await client)?.stop();
  } finally {
    over.abort();
    await disk.empty();
    await say(stage, 'ana', mvca('down', '--all').argv);
    await disk.remove();
    await clearStage(stage);
  }
}

/** Those that are named as arguments; all, where none is. */
const isWanted = ({ name }: Example): boolean => process.argv.length === 2 || process.argv.slice(2).includes(name);

async function write(stage: Stage, version: string): Promise<void> {
  await writeVersion(stage, version);
  await commit(stage, version);
}

interface Place {
  readonly stage: Stage;
  readonly disk: Disk;
}

async function make({ stage, disk }: Place, example: Example): Promise<void> {
  const { name, version, strategy, fullIn } = example;
  await writeVersion(stage, version);
  await editSpec(path.join(stage.project, 'deployment.yaml'), {
    'environments.production.strategy': strategy,
    'environments.staging.rehearse': true,
  });
  for (const key of ['STRIPE_WEBHOOK_SECRET', 'EXCHANGE_RATES_KEY'])
    await say(stage, 'ana', mvca('secrets', 'set', APP, 'staging', key).argv, 'a-value\n');
  await commit(stage, version);
  const deploying = deployed(stage, version, example);
  if (fullIn !== undefined) {
    await until(stage, (status) => status.version === version && status.step === fullIn);
    await disk.fill();
  }
  const report = await deploying;
  await disk.empty();
  for (const kind of ['html', 'md', 'json']) {
    const text = await readFile(path.join(report, `report.${kind}`), 'utf8');
    await writeFile(path.join(FOLDER, `${name}.${kind}`), withoutMachine(text, stage));
  }
  await picturesOf(path.join(FOLDER, `${name}.html`));
}

/** Deploys, answers when somebody is asked, waits for the end; answers the folder of the report. */
async function deployed(
  stage: Stage,
  version: string,
  { answer, reason }: Pick<Example, 'answer' | 'reason'>,
): Promise<string> {
  await say(stage, 'ana', mvca('deploy', '--detach', ...(reason === undefined ? [] : ['--reason', reason])).argv);
  const isThis = (status: Status): boolean => status.version === version;
  await until(stage, (status) => isThis(status) && status.waitingFor?.kind === 'approval');
  await say(stage, 'bo', mvca(...answer).argv);
  const { report } = await until(stage, (status) => isThis(status) && status.outcome != null && status.report != null);
  return report ?? '';
}

const withoutMachine = (text: string, { root, home, stagingPort, productionPort }: Stage): string =>
  text
    .replaceAll(home, '~/.local/state/mvca')
    .replaceAll(root, '/home/ana')
    .replaceAll(`127.0.0.1:${stagingPort}`, '127.0.0.1:8081')
    .replaceAll(`127.0.0.1:${productionPort}`, '127.0.0.1:8080');

interface Disk {
  fill(): Promise<void>;
  empty(): Promise<void>;
  remove(): Promise<void>;
}

/** Under the folder of production's router alone, so that nothing else runs out of room. */
async function smallDisk({ home, root }: Stage): Promise<Disk> {
  const folder = path.join(home, 'host', 'routers', APP, 'production');
  const filler = path.join(folder, 'filler');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const run = async (...argv: readonly string[]): Promise<void> => {
    const { code, err } = await runCommand(argv, root, { env: process.env });
    if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`);
  };
  await run('mount', '-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', folder);
  return {
    fill: async () => {
      const { bavail, bsize } = await statfs(folder);
      await run('fallocate', '--length', String(bavail * bsize), filler);
    },
    empty: () => rm(filler, { force: true }),
    remove: () => run('umount', '--lazy', folder),
  };
}

async function until(stage: Stage, isSo: (status: Status) => boolean): Promise<Status> {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(500)) {
    const said = await runCommand(mvca('status', APP, '--json').argv, stage.project, {
      env: environmentOf(stage, 'bo'),
    });
    const status = said.code === 0 ? (JSON.parse(said.out) as Status) : {};
    if (isSo(status)) return status;
  }
  throw new Error(`the deployment did not come so far within ${DEADLINE_MS / 1000} s`);
}

async function commit(stage: Stage, version: string): Promise<void> {
  if (version === '1.0.0') await say(stage, 'ana', ['git', 'init', '--quiet', '-b', 'main']);
  await say(stage, 'ana', ['git', 'add', '.']);
  await say(stage, 'ana', ['git', 'commit', '--quiet', '-m', version]);
  await say(stage, 'ana', ['git', 'tag', '--force', version]);
}

async function say(stage: Stage, person: 'ana' | 'bo', argv: readonly string[], input?: string): Promise<Said> {
  const said = await runCommand(argv, stage.project, {
    env: environmentOf(stage, person),
    ...(input !== undefined && { input }),
  });
  if (said.code !== 0) throw new Error(`${argv.join(' ')} ended with ${said.code}: ${said.err}`);
  return said;
}

void main();
