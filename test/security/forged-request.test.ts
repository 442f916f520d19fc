/** A workflow that is started by anybody who reaches Temporal, with arguments of their own making. */
import { existsSync } from 'node:fs';
import { chmodSync, chownSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { DeploymentResult, DeployRequest } from '../../domain/deployment';
import { parseSpec } from '../../domain/spec/parse';
import type { Spec } from '../../domain/spec/spec';
import { createBench, request, shopFolder, type Bench } from '../support/deploying';
import { writeFiles } from '../support/scratch';

const LIMIT_MS = 120_000;
const TEXT = `app: forged
environments:
  production:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:8080 }
    approval: none
`;

let bench: Bench;
beforeAll(async () => {
  bench = await createBench({ readsSpecs: true });
}, LIMIT_MS);
afterAll(() => bench.stop());

function parsed(text = TEXT): Spec {
  const result = parseSpec(text, 'deployment.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.spec;
}

function folderWith(text = TEXT): string {
  const folder = shopFolder();
  writeFiles(folder, { 'deployment.yaml': text });
  return folder;
}

const deployed = async (wanted: DeployRequest): Promise<DeploymentResult> => (await bench.start(wanted)).result();

const startedAs = (type: string, workflowId: string, argument: unknown): Promise<unknown> =>
  bench.client.workflow.execute(type, { args: [argument], taskQueue: bench.queue, workflowId });

test(
  'a test command that stands in no spec of the folder never runs',
  async () => {
    const directory = folderWith();
    const mark = path.join(directory, 'mark');
    const spec = { ...parsed(), tests: { ...parsed().tests, unit: [['touch', mark]] } };
    const result = await deployed(request(spec, { directory }));
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'InvalidSpec' });
    expect(result.reason).toMatch(/what was asked for is not what .*deployment\.yaml says \(tests\.unit\.0\)/);
    expect(existsSync(mark)).toBe(false);
  },
  LIMIT_MS,
);

test.each([
  ['without a spec in it', () => shopFolder(), /a deployment needs its spec in the folder/],
  ['whose spec is wrong', () => folderWith('app: forged\n'), /is wrong: deployment\.yaml/],
  [
    'whose spec is a link',
    () => {
      const folder = shopFolder();
      symlinkSync(path.join(folderWith(), 'deployment.yaml'), path.join(folder, 'deployment.yaml'));
      return folder;
    },
    /cannot be read as a file/,
  ],
  [
    'to which everybody may write',
    () => {
      const folder = folderWith();
      chmodSync(folder, 0o777);
      return folder;
    },
    /everybody may write to/,
  ],
  ['that is written with ..', () => `${folderWith()}/../x`, /absolute path without \. and \.\./],
])(
  'a folder %s is refused',
  async (_title, folder, words) => {
    const result = await deployed(request(parsed(), { directory: folder() }));
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'InvalidSpec' });
    expect(result.reason).toMatch(words);
  },
  LIMIT_MS,
);

(process.getuid?.() === 0 ? test : test.skip)(
  'as root, a folder of another account is refused (skipped for ordinary users, who cannot make one)',
  async () => {
    const directory = folderWith();
    chownSync(directory, 65_534, 65_534);
    const result = await deployed(request(parsed(), { directory }));
    expect(result).toMatchObject({ outcome: 'rejected', failure: 'InvalidSpec' });
    expect(result.reason).toContain('belongs to the account with the number 65534');
  },
  LIMIT_MS,
);

const RELEASE = { environment: parsed().environments[0], release: 'x' };

test.each([
  ['deploy', 'deploy/victim', request(parsed(), {}), /it is for forged, and this is the workflow of "victim"/],
  ['deploy', 'deploy/forged', null, /the request has no spec/],
  ['deploy', 'deploy/forged', request({ ...parsed(), app: '../../x' }), /cannot be an application's name/],
  ['deploy', 'deploy/forged', request(parsed(), { requester: ' ana' }), /cannot be a person's name/],
  ['plan', 'plan/forged/1', request(parsed(), { directory: 'x' }), /is no absolute path/],
  ['rollback', 'rollback/1', { app: 'forged', environment: null }, /it is for forged, and this is the workflow of "1"/],
  ['retire', 'retire/1', { ...RELEASE, app: '../victim' }, /cannot be an application's name/],
  ['retire', 'retire/2', { ...RELEASE, app: 'forged', release: '../x' }, /is no release/],
  ['freeze', 'freeze/1', { kind: 'freeze', app: null, by: '-x' }, /cannot be a person's name/],
  ['inspect', 'inspect/1', { kind: 'machine', app: '../x' }, /cannot be an application's name/],
])(
  '%s as %s ends at once with what is wrong with it (%#)',
  async (type, id, argument, words) => {
    const failure = await startedAs(type, id, argument).then(
      () => null,
      (error: Error) => error.cause as Error & { readonly type: string },
    );
    expect(failure).toMatchObject({ type: 'InvalidSpec', message: expect.stringMatching(words) });
  },
  LIMIT_MS,
);
