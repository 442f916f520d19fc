import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gitIn, removeScratch, repositoryWith, scratch, writeFiles } from '../../support/scratch';
import { freePort } from '../../support/ports';
import { mvca, type MvcaOptions, type Ran } from '../../support/mvca';

const COMMANDS = [
  'init',
  'plan',
  'deploy',
  'watch',
  'status',
  'list',
  'logs',
  'approve',
  'reject',
  'abort',
  'waive',
  'freeze',
  'unfreeze',
  'pause',
  'resume',
  'promote',
  'rollback',
  'retire',
  'report',
  'audit',
  'ui',
  'judge',
  'diagnose',
  'secrets set',
  'secrets list',
  'secrets unset',
  'up',
  'down',
  'doctor',
  'worker',
];

let home: string;
let folder: string;
beforeAll(() => {
  home = path.join(scratch(), 'home');
  folder = scratch();
});
afterAll(removeScratch);

const run = (line: string | readonly string[], options: Partial<MvcaOptions> = {}): Promise<Ran> =>
  mvca(typeof line === 'string' ? line.split(' ') : line, { cwd: folder, env: { MVCA_HOME: home }, ...options });

test('every command has help with an example and --json, on standard output', async () => {
  const helps = await Promise.all(COMMANDS.map(async (command) => ({ command, ran: await run(`${command} --help`) })));
  for (const { command, ran } of helps) {
    const { code, out, err } = ran;
    expect({ command, code, err }).toEqual({ command, code: 0, err: '' });
    expect(out).toContain('--json');
    expect(out).toMatch(new RegExp(`Examples?:\\n  \\$ .*mvca ${command}`));
  }
});

test.each([
  ['depoly', 'Did you mean deploy?'],
  ['deploy --dirtyy', 'Did you mean --dirty?'],
  ['deploy --on-conflict wait', 'Allowed choices are fail, queue, supersede'],
  ['freeze shop --for 2h', '--reason WHY'],
  ['freeze shop --reason x', 'until when?'],
  ['freeze shop --reason x --for 2h --until 2027-01-01', 'until when?'],
  ['freeze shop --reason x --cron @daily', 'belong together'],
  ['freeze shop --reason x --until tomorrow', 'is no time'],
  ['freeze shop --all --reason x --for 2h', 'one application or all'],
  ['deploy --to produktion', 'Did you mean production?'],
  ['deploy --detach --approve', 'leave out --detach'],
  ['list --limit none', 'Expected a number'],
  ['logs shop --since yesterday', 'such as 30s, 5m or 24h'],
  ['logs shop --grep (', 'regular expression'],
  ['logs shop', 'no release of shop has logs on this machine'],
  ['abort shop', '`mvca abort` needs --reason WHY (kept in the audit log)'],
  ['promote shop', '(--as NAME): in production, unless the spec says otherwise, not who asked for the deployment'],
  ['waive shop', '(--as NAME): in production, unless the spec says otherwise, not who asked for the deployment'],
  ['identity remove ana', '`mvca identity remove` needs --reason WHY'],
  ['init --approvers bo,,cy', 'or say `alone` or `others`; nothing was written'],
  ['status Shop', 'cannot be an application'],
  ['watch', 'which application?'],
  ['deploy', 'there is no deployment.yaml'],
  ['deploy --spec /', 'is a folder'],
  ['report shop --format pdf', 'Allowed choices are html, md, json'],
  ['worker', 'which cluster?'],
  ['status one two', 'too many arguments'],
  ['secrets', 'Usage'],
])('`mvca %s` ends with code 2 and says what would be right', async (line, words) => {
  const { code, out, err } = await run(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

test('without a command the help stands on standard error, and the code is 2', async () => {
  const { code, out, err } = await run([]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('Usage: mvca');
});

test('a wrong spec is printed in full, a line each, and nothing is started', async () => {
  const place = scratch();
  writeFiles(place, {
    'deployment.yaml':
      'app: Shop\nenvironments:\n  production:\n    platform: { kind: proces, start: node server.js }\n    whatch: { for: 5 }\n',
  });
  const { code, err } = await run('deploy', { cwd: place });
  expect(code).toBe(2);
  expect(err).toMatch(/^deployment\.yaml:1:\d+ app: Shop: expected a name/m);
  expect(err).toMatch(/^deployment\.yaml:4:\d+ .*did you mean `process`\?/m);
  expect(err).toMatch(/did you mean `watch`\?/);
  expect(err).toMatch(/error: the spec is wrong in \d+ places; nothing was started/);
});

describe('an engine that does not answer', () => {
  test('that is not running ends commands that do not start it with code 7 and the next step', async () => {
    for (const line of ['status shop', 'watch shop', 'list', 'audit', 'audit verify', 'report shop', 'approve shop']) {
      const { code, err, out } = await run(line);
      expect({ line, code, out }).toEqual({ line, code: 7, out: '' });
      expect(err).toContain(`the engine in ${home} is not running; start it with \`mvca up\``);
    }
  });

  test('that is named by TEMPORAL_ADDRESS and not there ends with code 7 and the address within seconds', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const begun = Date.now();
    const { code, err } = await run('list', { env: { MVCA_HOME: home, TEMPORAL_ADDRESS: address } });
    expect(code).toBe(7);
    expect(err).toContain(`the engine at ${address} cannot be reached`);
    expect(Date.now() - begun).toBeLessThan(30_000);
  });

  test('still leaves `status` something to say', async () => {
    const { code, out } = await run('status');
    expect(code).toBe(0);
    expect(out).toContain('the engine is not running');
    const { out: json } = await run('status --json');
    expect(JSON.parse(json)).toMatchObject({
      engine: { kind: 'embedded', running: false, home },
      apps: [],
      deployments: [],
    });
  });

  test('that is a cluster is not started or stopped from here', async () => {
    const { code, err } = await run('up', { env: { MVCA_HOME: home, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(code).toBe(2);
    expect(err).toContain('mvca worker');
  });

  test('whose profile cannot be read says which settings to look at', async () => {
    const env = { MVCA_HOME: home, TEMPORAL_PROFILE: 'nowhere', TEMPORAL_CONFIG_FILE: path.join(folder, 'none.toml') };
    const { code, err } = await run('list', { env });
    expect(code).toBe(7);
    expect(err).toContain('TEMPORAL_PROFILE');
  });
});

describe('secrets', () => {
  const set = (words: readonly string[], input: string) => run(['secrets', 'set', ...words], { input });

  test('come from standard input, without the line break of the shell, and are listed without values', async () => {
    const { code, out } = await set(['shop', 'production', 'TOKEN'], 'planted-value\n');
    expect({ code, out }).toEqual({ code: 0, out: 'set secret://file/shop/production/TOKEN, version 1\n' });
    await set(['shop', 'HOOK'], 'planted-hook');
    const list = await run('secrets list shop --json');
    const listed = { version: 1, changedAt: expect.any(String) as string, for: [], sharedWith: [] };
    expect(JSON.parse(list.out)).toEqual([
      { ...listed, reference: 'secret://file/shop/HOOK' },
      { ...listed, reference: 'secret://file/shop/production/TOKEN' },
    ]);
    expect((await run('secrets list shop')).out).not.toContain('planted');
    expect((await run('secrets unset shop HOOK')).out).toBe('secret://file/shop/HOOK is taken away\n');
    expect((await run('secrets unset shop HOOK')).out).toBe('secret://file/shop/HOOK was not there\n');
  });

  test.each([
    [['shop', 'production', 'TOKEN', 'planted!value']],
    [['shop', 'TOKEN', 'planted!value']],
    [['shop', 'planted!value']],
    [['shop', 'production', 'TOKEN', '--value=planted!value']],
    [['shop', 'production', 'TOKEN=planted!value']],
  ])('never come from arguments, and %j is not repeated', async (words) => {
    const { code, out, err } = await set(words, 'x');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).not.toContain('planted');
  });

  test('that are empty are refused', async () => {
    expect(await set(['shop', 'production', 'EMPTY'], '\n')).toMatchObject({ code: 2, out: '' });
  });
});

describe('init', () => {
  const project = {
    'package.json': JSON.stringify({
      name: 'tea',
      scripts: { start: 'node app.js', test: 'node --test' },
      dependencies: { express: '^4' },
    }),
    'package-lock.json': '{}',
    'app.js':
      "const app = require('express')(); app.get('/healthz', (q, s) => s.send('ok')); app.listen(process.env.PORT);",
  };

  test('writes a spec that can be read, and names the next commands, committing first', async () => {
    const place = repositoryWith(project);
    const { code, out } = await run('init', { cwd: place });
    expect(code).toBe(0);
    expect(out).toContain('found: Express');
    expect(out).toMatch(/git add deployment\.yaml && git commit .*\n {2}npx mvca plan\n {2}npx mvca deploy\n$/);
    expect(gitIn(place, 'status', '--porcelain')).toBe('?? deployment.yaml');
    // The spec is right: what is missing is the engine.
    expect(await run('watch', { cwd: place })).toMatchObject({ code: 7 });
  });

  test('never writes over a spec, but when it is forced to', async () => {
    const place = scratch();
    writeFiles(place, { ...project, 'deployment.yaml': 'app: mine\n' });
    const { code, err } = await run('init', { cwd: place });
    expect(code).toBe(2);
    expect(err).toContain('is there already; `mvca init --force`');
    const forced = await run('init --force --json', { cwd: place });
    expect(JSON.parse(forced.out)).toMatchObject({ framework: 'Express', next: ['npx mvca plan', 'npx mvca deploy'] });
  });

  test('gives two applications that are initialised one after the other ports of their own', async () => {
    const machine = scratch();
    const ports = [];
    for (const place of [scratch(), scratch()]) {
      writeFiles(place, project);
      const { out } = await run('init', { cwd: place, env: { MVCA_HOME: machine } });
      ports.push(...[...out.matchAll(/listen: 127\.0\.0\.1:(\d+)/g)].map(([, port]) => port));
    }
    expect(new Set(ports).size).toBe(4);
  });

  test('has whoever is named approve, and says how somebody alone does', async () => {
    const place = scratch();
    writeFiles(place, project);
    const env = { MVCA_HOME: home, MVCA_USER: 'ana' };
    const { out } = await run('init --approvers ana,bo', { cwd: place, env });
    expect(out).toContain('approval: { from: [ana, bo], deadline: 24h }');
    const alone = await run('init --force --approvers alone', { cwd: place, env });
    expect(alone.out).toContain('approval: { from: [ana], requester: may, deadline: 24h }');
    expect(alone.out).toContain('npx mvca approve tea in another terminal');
  });

  test('keeps four eyes where several people write the repository', async () => {
    const place = repositoryWith(project);
    gitIn(place, '-c', 'user.name=x', 'commit', '-q', '--allow-empty', '-m', 'bo', '--author', 'bo <bo@example.com>');
    const { out } = await run('init', { cwd: place });
    expect(out).toContain('approval: { needs: 1, deadline: 24h } # by somebody else');
  });

  test('suggests ports that no router of this machine has', async () => {
    const place = scratch();
    writeFiles(place, project);
    const machine = scratch();
    const table = path.join(machine, 'host/routers/other/production');
    mkdirSync(table, { recursive: true });
    writeFileSync(path.join(table, 'table.json'), JSON.stringify({ listen: { host: '127.0.0.1', port: 8080 } }));
    const { out } = await run('init', { cwd: place, env: { MVCA_HOME: machine } });
    expect(out).not.toMatch(/:8080\b/);
  });
});

test('`worker` ends with the code of the worker that it ran, and shows what it said', async () => {
  const { code, err } = await run('worker', { env: { MVCA_HOME: home, TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect(code).toBe(1);
  expect(err).toContain('MVCA_DATABASE is not set');
});

test('colours are for terminals, unless they are asked for', async () => {
  expect((await run('status')).out).not.toContain('\u001b');
  const forced = await run('status', { env: { MVCA_HOME: home, FORCE_COLOR: '1' } });
  expect(forced.out).toContain('\u001b[');
  const both = await run('status', { env: { MVCA_HOME: home, FORCE_COLOR: '1', NO_COLOR: '1' } });
  expect(both.out).toContain('\u001b[');
});
