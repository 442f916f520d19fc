/**
 * A reboot, as far as a running machine can show one: every process of a home is killed at once, what they leave lies there (sockets,
 * locks, pid files), and the pids that those files name belong to others now, of another boot or of this one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesOf } from '../../scripts/demo/leftovers';
import { identify, isAlive, type ProcessIdentity } from '../../system/process-identity';
import { whatRuns } from '../support/chaos/serving';
import { createWorld, servingIn, type World } from '../support/chaos';
import { removeScratch } from '../support/scratch';

jest.setTimeout(720_000);

let world: World;
let bystander: ChildProcess;
beforeAll(async () => {
  world = await createWorld();
  bystander = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
});
afterAll(async () => {
  bystander.kill('SIGKILL');
  const left = await world.close();
  removeScratch();
  expect(left).toEqual([]);
});

const OTHER_BOOT = '00000000-0000-4000-8000-000000000000';

const WHOSE = [
  ['of another boot', `${OTHER_BOOT}/`],
  ['of this boot', ''],
] as const;

test.each(process.env['MVCA_TEST_CHAOS'] === 'all' ? WHOSE : WHOSE.slice(0, 1))(
  'after a reboot all that served serves again by `mvca up`, though each pid %s is somebody else’s',
  async (_name, boot) => {
    const { home, client } = world;
    const before = await whatRuns(home);
    const served = await servingIn(home, 'production');
    expect(before.found).toEqual(before.wanted);

    await killAll(home.root);
    const stranger = identify(bystander.pid ?? 0);
    if (stranger === null) throw new Error('the bystander does not run');
    const started = boot === '' ? `${stranger.started.split('/')[0]}/1` : `${boot}1`;
    expect(takeOver(home.root, { pid: stranger.pid, started })).toBeGreaterThanOrEqual(8);

    const upAt = performance.now();
    await world.up();
    const servesAgain = async (): Promise<boolean> => {
      const { found, wanted } = await whatRuns(home);
      return found.join() === before.found.join() && found.join() === wanted.join();
    };
    for (const deadline = Date.now() + 60_000; !(await servesAgain()) && Date.now() < deadline;) await sleep(100);
    expect((await whatRuns(home)).found).toEqual(before.found);
    expect(await servingIn(home, 'production')).toEqual(served);
    client.mark(`answers ${boot}`);
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100))
      if (Object.keys(client.snapshot(`answers ${boot}`).byVersion).length > 0) break;
    process.stderr.write(`serves again ${((performance.now() - upAt) / 1_000).toFixed(1)} s after \`mvca up\`\n`);
    expect(Object.keys(client.snapshot(`answers ${boot}`).byVersion)).toEqual([served?.[0]?.replace(/-[^-]*$/, '')]);

    expect(isAlive(stranger)).toBe(true);
    expect((await world.verifyAudit()).ok).toBe(true);
    expect((await (await world.deploy()).ended()).outcome).toBe('succeeded');
    for (const deadline = Date.now() + 45_000; Date.now() < deadline; await sleep(100)) {
      const { found, wanted } = await whatRuns(home);
      if (found.join() === wanted.join()) break;
    }
  },
);

/** Each revives another: killed until none is there. */
async function killAll(root: string): Promise<void> {
  for (let empty = 0; empty < 10; await sleep(20)) {
    const found = await processesOf(root);
    empty = found.length === 0 ? empty + 1 : 0;
    for (const { pid } of found) killOne(pid);
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended meanwhile
  }
}

/** Writes that process into every file which names one; answers how many those were. */
function takeOver(root: string, other: ProcessIdentity): number {
  let count = 0;
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    if (!('pid' in value && 'started' in value))
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaced(each)]));
    count += 1;
    return other;
  };
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(root, name);
    if (/(^|\/)(unit|keeper)\.pid$|(^|\/)instances\.json$/.test(name))
      writeFileSync(file, JSON.stringify(replaced(JSON.parse(readFileSync(file, 'utf8')))));
    if (!name.endsWith('/postmaster.pid')) continue;
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(other.pid)));
    count += 1;
  }
  return count;
}
