/** A workflow that is started by anybody who reaches Temporal, with arguments of their own making. */
import { chmodSync, chownSync, existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { DeploymentResult, DeployRequest } from '../../domain/deployment';
import type { RouterTable } from '../../domain/host/router';
import { parseSpec } from '../../domain/spec/parse';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import { readJson } from '../../system/durable-file';
import { routerFolder } from '../../system/home';
import { createBench, request, shopFolder, type Bench } from '../support/deploying';
import { freePort } from '../support/ports';
import { scratch, writeFiles } from '../support/scratch';
import { retireId } from '../../workflows/messages';

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
  bench.client.workflow.execute(type, {
    args: [argument],
    taskQueue: bench.queue,
    workflowId,
    // A deployment leaves one of its own there.
    ...(type === 'retire' ? { workflowIdConflictPolicy: 'TERMINATE_EXISTING' } : {}),
  });

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
    /is a link, which is not followed/,
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
  [
    'below one to which everybody may write',
    () => {
      const above = scratch();
      const folder = path.join(above, 'shop');
      renameSync(folderWith(), folder);
      chmodSync(above, 0o777);
      return folder;
    },
    /may be written to by everybody, who could put another folder in the place of/,
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

(process.getuid?.() === 0 ? test : test.skip)(
  'as root, a folder below one of another account is refused, also by a link (skipped for ordinary users, who cannot make one)',
  async () => {
    const above = path.join(scratch(), 'theirs');
    mkdirSync(above);
    const folder = path.join(above, 'shop');
    renameSync(folderWith(), folder);
    chownSync(above, 65_534, 65_534);
    const link = path.join(scratch(), 'shop');
    symlinkSync(folder, link);
    for (const directory of [folder, link]) {
      const result = await deployed(request(parsed(), { directory }));
      expect(result).toMatchObject({ outcome: 'rejected', failure: 'InvalidSpec' });
      expect(result.reason).toContain(`${above} belongs to the account with the number 65534, who could put`);
    }
  },
  LIMIT_MS,
);

describe('an environment that a request brings along', () => {
  const called: string[] = [];
  const theirs = createServer(({ url }, response) => {
    called.push(url ?? '');
    response.end();
  });
  let spec: Spec;
  const table = async (): Promise<Pick<RouterTable, 'listen' | 'settings' | 'weights'>> => {
    const found = await readJson<RouterTable>(
      path.join(routerFolder(bench.home, 'carried', 'production'), 'table.json'),
    );
    if (found === null) throw new Error('nothing was deployed');
    const { listen, settings, weights } = found;
    return { listen, settings, weights };
  };
  beforeAll(async () => {
    await new Promise<void>((resolve) => void theirs.listen(0, '127.0.0.1', resolve));
    const short =
      '    health: { path: /, every: 100ms }\n    watch: { for: 600ms, minimum: 1 }\n    stop: { grace: 1s }\n';
    const text = `${TEXT.replace('forged', 'carried').replace('8080', String(await freePort()))}${short}`;
    spec = parsed(text);
    const directory = folderWith(text);
    for (const version of ['1.0.0', '1.1.0'])
      expect(await deployed(request(spec, { directory, version }))).toMatchObject({ outcome: 'succeeded' });
  }, LIMIT_MS);
  afterAll(() => new Promise((resolve) => theirs.close(resolve)));

  const forged = async (): Promise<{ readonly port: number; readonly environment: EnvironmentSpec }> => {
    const [environment] = spec.environments;
    if (environment === undefined) throw new Error('the spec has a production');
    const port = await freePort();
    const traffic = { ...environment.traffic, listen: { host: '127.0.0.1', port }, trust: ['0.0.0.0/0'] };
    return { port, environment: { ...environment, traffic } };
  };

  test(
    'is not that of a rollback, nor are its webhooks: what the application was deployed with applies',
    async () => {
      const { environment } = await forged();
      const url = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}/take`;
      const notify = [{ kind: 'webhook' as const, url }];
      const { weights: _weights, ...before } = await table();
      const back = { app: 'carried', environment, notify, to: null, requester: 'ana', reason: null };
      const running = await bench.rollback(back);
      expect(await running.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0' });
      expect((await running.status()).warnings.join()).toMatch(/not as the spec has it now \(traffic\./);
      expect(called).toEqual([]);
      expect(await table()).toMatchObject(before);
    },
    LIMIT_MS,
  );

  test(
    'is not that of the end of a release',
    async () => {
      const { environment, port } = await forged();
      const { weights, ...before } = await table();
      const [release] = Object.keys(weights);
      const asked = { app: 'carried', environment: { ...environment, retire: { afterMs: 0 } }, release };
      expect(
        await startedAs('retire', retireId('carried', environment.name, release ?? ''), { ...asked, serving: 'stop' }),
      ).toBe('stopped');
      expect(await table()).toMatchObject(before);
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    },
    LIMIT_MS,
  );
});

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
