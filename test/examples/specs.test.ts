import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSpec } from '../../domain/spec/parse';
import type { Spec } from '../../domain/spec/spec';
import { exampleApps, exampleSpecs, packageRoot } from '../../scripts/example-apps';

/** `examples/apps/shop/deployment.yaml` to its spec. */
const specs: Record<string, Spec> = {};

beforeAll(async () => {
  for (const file of await exampleSpecs()) {
    const parsed = parseSpec(await readFile(path.join(packageRoot(), file), 'utf8'), file);
    if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.problems, null, 2)}`);
    expect({ file, warnings: parsed.warnings }).toEqual({ file, warnings: [] });
    specs[file] = parsed.spec;
  }
});

test('every example has a spec that is right', async () => {
  for (const app of await exampleApps()) expect(Object.keys(specs)).toContain(`examples/apps/${app}/deployment.yaml`);
});

test('every example goes through staging to production, where a person approves', () => {
  for (const [file, { environments }] of Object.entries(specs)) {
    expect({ file, names: environments.map(({ name }) => name) }).toEqual({ file, names: ['staging', 'production'] });
    expect({ file, asked: (environments[1]?.approval?.needs ?? 0) > 0 }).toEqual({ file, asked: true });
  }
});

test('the list of examples names every one', async () => {
  const list = await readFile(path.join(packageRoot(), 'examples', 'README.md'), 'utf8');
  for (const app of await exampleApps()) expect(list).toContain(`(apps/${app})`);
  const numbered = Object.keys(specs).filter((file) => /^examples\/\d\d-/.test(file));
  for (const file of numbered) expect(list).toContain(`(${path.basename(file)})`);
});

test('two examples never listen on one port', () => {
  const first = Object.entries(specs).filter(([file]) => !file.includes('/versions/') && file.includes('/apps/'));
  const ports = first.flatMap(([, spec]) => spec.environments.map(({ traffic }) => traffic.listen.port));
  expect(new Set(ports).size).toBe(ports.length);
});

test('in 1.2.0 of the shop production lacks the secret that staging has', () => {
  const [staging, production] = specs['examples/apps/shop/versions/1.2.0/deployment.yaml']?.environments ?? [];
  expect(staging?.secrets).toEqual({ STRIPE_WEBHOOK_SECRET: 'secret://file/shop/staging/STRIPE_WEBHOOK_SECRET' });
  expect(production?.secrets).toEqual({});
});
