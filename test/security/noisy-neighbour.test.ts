/** Two applications in one worker: what one of them writes while it fails costs the other neither its lease nor its release. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouterState } from '../../domain/host/router';
import { askAdmin } from '../../system/admin';
import { adminSocket, routerFolder } from '../../system/home';
import { createBench, request, type Bench } from '../support/deploying';
import { answers, deployed, goodFolder, shopNamed } from '../support/scenario';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);

const WATCH_MS = 20_000;
/** The worker's own thread may be busy with what it is for; minutes it may not. */
const HELD_MS = 5_000;

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** Four lines of 64 KB, in a shape that patterns like to try again and again, and then its end. */
function attackFolder(): string {
  const folder = scratch();
  const server = `for (let n = 0; n < 4; n += 1) console.error('Error: connect ECONNREFUSED ' + 'E'.repeat(65_000));
setTimeout(() => process.exit(1), 300);
`;
  writeFiles(folder, { 'server.js': server, '.mvcaignore': '' });
  return folder;
}

interface Leases {
  readonly seen: number;
  /** Milliseconds that were left, at the worst. */
  readonly leastLeft: number;
  readonly ranOut: boolean;
}

function watchLeases(app: string): { stop(): Promise<Leases> } {
  let [seen, leastLeft, ranOut, goesOn] = [0, Infinity, false, true];
  const work = (async () => {
    const socket = await adminSocket(routerFolder(bench.home, app, 'production'));
    for (; goesOn; await sleep(100)) {
      const state = await askAdmin<RouterState>(socket, 'GET', '/state').catch(() => null);
      if (state === null) continue;
      ranOut ||= state.table.expired !== null;
      if (state.table.lease === null) continue;
      seen += 1;
      leastLeft = Math.min(leastLeft, state.table.lease.until - Date.now());
    }
  })();
  return {
    stop: async () => {
      goesOn = false;
      await work;
      return { seen, leastLeft, ranOut };
    },
  };
}

/** The longest time in which this process, whose workers work here, did nothing else. */
function watchThread(): () => number {
  let [heldMs, last] = [0, performance.now()];
  const timer = setInterval(() => {
    heldMs = Math.max(heldMs, performance.now() - last);
    last = performance.now();
  }, 20);
  return () => {
    clearInterval(timer);
    return heldMs;
  };
}

test('four lines of 64 KB of a release that fails leave another application its lease and its release', async () => {
  const quiet = await shopNamed('quiet', (each) => ({
    ...each,
    watch: { ...each.watch, forMs: each.name === 'production' ? WATCH_MS : each.watch.forMs, deadlineMs: 120_000 },
  }));
  await deployed(bench, { ...quiet, environments: quiet.environments.map(short) }, '1.0.0');
  const running = await bench.start(request(quiet, { version: '1.1.0', directory: goodFolder() }));
  await running.until(({ step, environment }) => step === 'watch' && environment === 'production');
  const leases = watchLeases('quiet');
  const held = watchThread();

  const noisy = await bench.start(request(await shopNamed('noisy'), { directory: attackFolder() }));
  const failed = await noisy.result();
  const heldMs = held();
  expect(failed).toMatchObject({ failure: 'StartFailed' });
  // It was read, and not passed over: else there is nothing to see here.
  expect((await noisy.status()).diagnosis).toBeTruthy();

  expect(await running.result()).toMatchObject({ outcome: 'succeeded', version: '1.1.0' });
  const { seen, leastLeft, ranOut } = await leases.stop();
  expect({ ranOut, isSeen: seen > 20, isKept: leastLeft > 0 }).toEqual({ ranOut: false, isSeen: true, isKept: true });
  expect(heldMs).toBeLessThan(HELD_MS);
  expect(await answers(quiet, 'production')).toEqual({ '1.1.0': 10 });
  expect((await running.status()).steps.filter(({ state }) => state === 'undone')).toEqual([]);
});

const short = <T extends { readonly watch: { readonly forMs: number } }>(each: T): T => ({
  ...each,
  watch: { ...each.watch, forMs: 600 },
});
