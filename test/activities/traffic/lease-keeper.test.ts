import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRouterTraffic } from '../../../activities/traffic/router';
import type { Route } from '../../../activities/traffic/port';
import { programFile } from '../../../system/keeper';
import { makePlace, type Place } from '../../host/place';
import { startBackend, type Backend } from '../../host/router/routed';
import { freePort } from '../../support/ports';

const LEASE_SECONDS = 4;

let place: Place;
let route: Route;
let backend: Backend;

beforeEach(async () => {
  place = await makePlace();
  route = {
    app: 'shop',
    environment: 'production',
    listen: { host: '127.0.0.1', port: await freePort() },
    slowMs: 1_000,
    drainMs: 200,
  };
  backend = await startBackend((_, response) => response.end('here'));
});
afterEach(async () => {
  await backend.close();
  await place.remove();
});

/** Another process that renews a lease once, as a watch does, and is then held up by something else. */
function heldUp(seconds: number) {
  const script = `
    const { createRouterTraffic } = require(${JSON.stringify(programFile('activities/traffic/router.js'))});
    const { homeAt } = require(${JSON.stringify(programFile('system/home.js'))});
    const route = ${JSON.stringify(route)};
    createRouterTraffic(homeAt(${JSON.stringify(place.home.root)}))
      .lease(route, { kind: 'renew', holder: 'watch', seconds: ${LEASE_SECONDS} })
      .then(async (held) => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        process.stdout.write(String(held) + '\\n');
        for (const until = Date.now() + ${seconds * 1_000}; Date.now() < until; );
        setInterval(() => undefined, 1000);
      });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  return { child, begun: new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data)))) };
}

const weights = async () => (await createRouterTraffic(place.home).read(route))?.table.weights;

test('A lease outlives a thread that is held up, and neither the process nor the watch', async () => {
  const traffic = createRouterTraffic(place.home);
  await traffic.ensure(route);
  await traffic.setWeights(route, {
    releases: { old: [backend.address], new: [backend.address] },
    weights: { old: 100 },
    lease: null,
  });
  const lease = { holder: 'watch', seconds: 30, fallback: { old: 100 } };
  await traffic.setWeights(route, { releases: {}, weights: { new: 100 }, lease });
  const other = heldUp(3 * LEASE_SECONDS);
  try {
    expect(await other.begun).toBe('true\n');
    await sleep((3 * LEASE_SECONDS - 2) * 1_000);
    expect(await weights()).toMatchObject({ new: 100 });
    // From now on the thread is free again, and no watch renews: the lease runs out though the process lives.
    await sleep((LEASE_SECONDS + 4) * 1_000);
    expect(await weights()).toMatchObject({ old: 100, new: 0 });

    await traffic.setWeights(route, { releases: {}, weights: { new: 100 }, lease });
    const killed = heldUp(60);
    await killed.begun;
    await sleep(LEASE_SECONDS * 1_000);
    expect(await weights()).toMatchObject({ new: 100 });
    killed.child.kill('SIGKILL');
    await sleep((LEASE_SECONDS + 2) * 1_000);
    expect(await weights()).toMatchObject({ old: 100, new: 0 });
  } finally {
    other.child.kill('SIGKILL');
  }
}, 120_000);
