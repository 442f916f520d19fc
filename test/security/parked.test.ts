/**
 * Deployments that wait must stand in nobody's way: with more of them parked than a worker has slots, production is taken back, and the
 * freeze is ended, as if there were none. `MVCA_PARKED=1000` parks as many, and prints what it took.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { FreezeAnswer, FreezeChange } from '../../domain/freezes/freeze';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { createBench, request, type Bench, type Running } from '../support/deploying';
import { answers, deployed, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch } from '../support/scratch';
import { queuesOf } from '../../worker/queues';

const SLOTS = Math.max(...queuesOf('control').map(({ slots }) => slots));
const PARKED = Number(process.env['MVCA_PARKED'] ?? SLOTS + 20);
const SERVED_MS = 2_000;
/** In an ordinary run other tests take the processors meanwhile; asked for by itself, the test has the machine alone. */
const SHARED = process.env['MVCA_PARKED'] === undefined ? 3 : 1;
/** How often each is measured with all of them parked: an odd number, since rollbacks go to and fro. */
const ROUNDS = process.env['MVCA_PARKED'] === undefined ? 1 : 21;
/** The same where nothing is parked, on this machine as it is loaded now. */
let free = 0;
const limitMs = (): number => SHARED * Math.max(SERVED_MS, 3 * free);
const HOUR = 3_600_000;
const AT_ONCE = 10;

jest.setTimeout(300_000 + PARKED * 1_500);

let bench: Bench;
let spec: Spec;
let production: EnvironmentSpec;
let parked: readonly Running[];
beforeAll(async () => {
  bench = await createBench();
  const shop = await shopNamed('served');
  spec = { ...shop, environments: shop.environments.slice(1) };
  [production] = spec.environments as [EnvironmentSpec];
  for (const version of ['1.0.0', '1.1.0']) await deployed(bench, spec, version);
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

const change = async (asked: FreezeChange): Promise<FreezeAnswer> =>
  bench.client.workflow.execute<(asked: FreezeChange) => Promise<FreezeAnswer>>('freeze', {
    workflowId: `freeze/all/${performance.now()}`,
    taskQueue: bench.queue,
    priority: { priorityKey: 1 },
    args: [asked],
  });

/** Each at an address of its own, where none of them ever listens: two applications may not have the same. */
function waiting(n: number): Spec {
  const listen = { host: `127.1.${Math.floor(n / 250)}.${1 + (n % 250)}`, port: production.traffic.listen.port };
  return { ...spec, app: `waits-${n}`, environments: [{ ...production, traffic: { ...production.traffic, listen } }] };
}

async function park(count: number): Promise<Running[]> {
  const all: Running[] = [];
  for (let n = 0; n < count; n += 1) {
    const asked = request(waiting(n), { version: '1.0.0', directory: goodFolder() });
    all.push(await bench.start(asked));
    while ((await parkedNow()) < all.length - AT_ONCE) await sleep(100);
  }
  while ((await parkedNow()) < count) await sleep(100);
  return all;
}

async function parkedNow(): Promise<number> {
  const client = new Client({ ...bench.database.address });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>('select count(*) from mvca.parked');
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return Math.round(performance.now() - begun);
}

/** From the request until users are served by that version. */
const rollBackTo = (version: string): Promise<number> =>
  took(async () => {
    const asked = { app: 'served', environment: production, notify: [], to: version, requester: 'ana', reason: null };
    await bench.rollback(asked);
    while ((await answers(spec, 'production', 1))[version] !== 1) await sleep(10);
  });

const idle = (): Promise<unknown> => bench.client.workflow.getHandle('deploy/served').result();
const figures = (what: string, ...all: number[]): void => {
  if (process.env['MVCA_PARKED'] === undefined) return;
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.ceil(share * sorted.length) - 1]} ms`;
  const shown = all.length === 1 ? at(1) : `p50 ${at(0.5)}, p95 ${at(0.95)}, most ${at(1)} of ${all.length}`;
  process.stderr.write(`${what}: ${shown}; memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB\n`);
};

test('with more deployments parked than there are slots, a rollback is served within 2 s', async () => {
  const [from, until] = [new Date().toISOString(), new Date(Date.now() + HOUR).toISOString()];
  free = await rollBackTo('1.0.0');
  await idle();
  figures('a rollback while nothing is parked', free);
  await change({ kind: 'freeze', app: null, by: 'cy', reason: 'the sale', time: { kind: 'once', from, until } });
  figures(`${PARKED} parked`, await took(async () => (parked = await park(PARKED))));
  const rollbacks: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // The last one leaves 1.1.0 serving, for the test below.
    rollbacks.push(await rollBackTo((ROUNDS - round) % 2 === 1 ? '1.1.0' : '1.0.0'));
    await idle();
  }
  figures('a rollback', ...rollbacks);
  expect(Math.max(...rollbacks)).toBeLessThan(limitMs());
  const others: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const time = { kind: 'once', from, until } as const;
    await change({ kind: 'freeze', app: 'served', by: 'cy', reason: 'an audit', time });
    others.push(await took(() => change({ kind: 'unfreeze', app: 'served', id: null, by: 'cy', reason: null })));
  }
  figures("the end of another application's freeze", ...others);
  expect(Math.max(...others)).toBeLessThan(limitMs());
});

test('the end of the freeze is served within 2 s, those that were parked go on, and do not hold up a rollback', async () => {
  // They need go no further: whoever goes on is seen by its end.
  bench.faults = [{ activity: 'runTests', when: 'before' }];
  const unfreezing = await took(() => change({ kind: 'unfreeze', app: null, id: null, by: 'cy', reason: null }));
  figures('the end of the freeze', unfreezing);
  expect(unfreezing).toBeLessThan(limitMs());
  const gone = took(() => Promise.all(parked.map((running) => running.result())));
  gone.catch(() => undefined); // said below
  const rollbacks: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rollbacks.push(await rollBackTo(round % 2 === 0 ? '1.0.0' : '1.1.0'));
    await idle();
  }
  figures('a rollback while they wake up', ...rollbacks);
  expect(Math.max(...rollbacks)).toBeLessThan(limitMs());
  figures(`${PARKED} went on`, await gone);
  const last = await parked.at(-1)?.handle.describe();
  expect(last?.historyLength).toBeLessThan(150);
});
