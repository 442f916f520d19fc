/** `mvca retire` as a process of its own, against real releases on this machine. */
import type { retire as retireWorkflow } from '../../../workflows';
import type { Spec } from '../../../domain/spec/spec';
import { createBench, request, type Bench } from '../../support/deploying';
import { mvca, type Ran } from '../../support/mvca';
import { answers, approved, deployed, goodFolder, kept, shopNamed } from '../../support/scenario';
import { removeScratch, scratch } from '../../support/scratch';

jest.setTimeout(360_000);

let bench: Bench;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  bench = await createBench();
  const { address } = bench;
  env = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: bench.namespace,
    MVCA_TASK_QUEUE: bench.queue,
    MVCA_HOME: scratch(),
    MVCA_USER: 'ana',
  };
});
afterAll(async () => {
  await bench.stop();
  removeScratch();
});

/** In a folder without a spec: that of the last deployment is taken. */
const retire = (...args: readonly string[]): Promise<Ran> => mvca(['retire', ...args], { cwd: scratch(), env });

/** An application that was deployed with each of these versions to production, and the names of their releases. */
async function shopWith(app: string, ...versions: readonly string[]): Promise<{ spec: Spec; releases: string[] }> {
  const shop = await shopNamed(app);
  const spec = { ...shop, environments: shop.environments.slice(1) };
  const releases: string[] = [];
  for (const version of versions) {
    const { releases: all } = await (await deployed(bench, spec, version)).status();
    releases.push(all.find((each) => each.version === version)?.release ?? '');
  }
  return { spec, releases };
}

test('an old release is stopped and its files go, and nobody waits for its time any more', async () => {
  const { spec, releases } = await shopWith('retiring', '1.0.0', '1.1.0');
  const [old = ''] = releases;
  expect(await retire('retiring', old)).toEqual({
    code: 0,
    out: `${old} of retiring in production is stopped\n`,
    err: '',
  });
  expect(await kept(bench, 'retiring', 'production')).toEqual(['1.1.0']);
  expect(await answers(spec, 'production')).toEqual({ '1.1.0': 10 });
  const waiting = bench.client.workflow.getHandle<typeof retireWorkflow>(`retire/retiring/production/${old}`);
  expect(await waiting.describe()).toMatchObject({ status: { name: 'COMPLETED' } });

  const again = await retire('retiring', old);
  expect(again).toMatchObject({ code: 2, out: '' });
  expect(again.err).toContain(`retiring has no release ${old} in production; it has: ${releases[1] ?? ''}`);
});

test('the release that serves is left alone, unless nobody is to serve then', async () => {
  const { spec, releases } = await shopWith('serving', '1.0.0');
  const [only = ''] = releases;
  const refused = await retire('serving', only, '--environment', 'production');
  expect(refused).toMatchObject({ code: 3, err: '' });
  expect(refused.out).toContain(`${only} of serving in production serves, and was left alone; `);
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  const json = await retire('serving', only, '--json');
  expect({ code: json.code, said: JSON.parse(json.out) as unknown }).toEqual({
    code: 3,
    said: { app: 'serving', environment: 'production', release: only, stopped: false, answer: 'serves again' },
  });
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });

  const stopped = await retire('serving', only, '--serving', '--json');
  expect(stopped).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(stopped.out)).toMatchObject({ release: only, stopped: true, answer: 'stopped' });
  expect(await answers(spec, 'production')).toEqual({ none: 10 });
  expect(await kept(bench, 'serving', 'production')).toEqual([]);
});

test('a release that is not there, or that cannot be a name, is said to be unknown, and nothing is touched', async () => {
  const { spec, releases } = await shopWith('unknown', '1.0.0');
  for (const name of ['1.0.0', '9.9.9-00000000', '../production', '__proto__']) {
    const { code, out, err } = await retire('unknown', name);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`unknown has no release ${name} in production; it has: ${releases.join()}`);
  }
  const json = await retire('unknown', '9.9.9-00000000', '--json');
  expect(json.code).toBe(2);
  expect(JSON.parse(json.out)).toMatchObject({ release: '9.9.9-00000000', stopped: false, answer: 'unknown' });
  expect(await answers(spec, 'production')).toEqual({ '1.0.0': 10 });
  expect(await kept(bench, 'unknown', 'production')).toEqual(['1.0.0']);
});

test('an environment that the spec does not have, and an application that nobody knows, are refused with what there is', async () => {
  await shopWith('placed', '1.0.0');
  const elsewhere = await retire('placed', 'x', '--environment', 'staging');
  expect(elsewhere).toMatchObject({ code: 2, out: '' });
  expect(elsewhere.err).toContain('the spec has no environment staging; it has: production');
  const nobody = await retire('nobody-knows', 'x');
  expect(nobody).toMatchObject({ code: 2, out: '' });
  expect(nobody.err).toContain('the spec of nobody-knows is not known here');
});

test('while a deployment runs, which may need the release, nothing is stopped', async () => {
  const { spec, releases } = await shopWith('busy', '1.0.0', '1.1.0');
  const running = await bench.start(request(approved(spec), { version: '1.2.0', directory: goodFolder() }));
  await running.until(({ waitingFor }) => waitingFor?.kind === 'approval');
  const refused = await retire('busy', releases[0] ?? '');
  expect(refused).toMatchObject({ code: 6, out: '' });
  expect(refused.err).toContain('busy');
  expect(await kept(bench, 'busy', 'production')).toEqual(['1.1.0', '1.0.0']);
  await running.handle.signal('reject', { by: 'bo', reason: 'done' });
  await running.result();
});
