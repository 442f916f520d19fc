import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { formatProblem } from '../../../domain/spec/format-problem';
import { parseSpec } from '../../../domain/spec/parse';
import type { EnvironmentSpec, Spec } from '../../../domain/spec/spec';

const SMALLEST = `app: shop
environments:
  production:
    platform: { kind: process, start: node server.js }
    traffic: { kind: router, listen: 127.0.0.1:8080 }
`;

function parsed(text: string): Spec {
  const result = parseSpec(text, 'deployment.yaml');
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.spec;
}

const production = (more: string): EnvironmentSpec => {
  const [environment] = parsed(`${SMALLEST}    ${more}\n`).environments;
  if (environment === undefined) throw new Error('no environment');
  return environment;
};

const problems = (text: string): string[] => {
  const result = parseSpec(text, 'deployment.yaml');
  return result.ok ? [] : result.problems.map(formatProblem);
};

describe('a short spec has everything that production needs', () => {
  test('the defaults are those of the field', () => {
    const spec = parsed(SMALLEST);
    expect(spec).toMatchObject({
      app: 'shop',
      source: { git: false },
      build: { install: null, command: [], artifact: { kind: 'tar', include: [], prune: true }, timeoutMs: 1_800_000 },
      tests: { unit: [], integration: [], coverage: null },
      notify: [],
    });
    expect(spec.environments[0]).toMatchObject({
      name: 'production',
      platform: { start: ['node', 'server.js'], instances: 1, port: { variable: 'PORT' }, directory: '.', node: null },
      traffic: { listen: { host: '127.0.0.1', port: 8080 }, drainMs: 30_000 },
      health: { path: '/', everyMs: 1_000, timeoutMs: 2_000, startMs: 60_000 },
      stop: { graceMs: 30_000 },
      strategy: { kind: 'blue-green' },
      watch: { forMs: 600_000, errors: 0.01, responseMs: 1_000, slow: 0.05, resources: 0.8, minimum: 30 },
      approval: { from: [], needs: 1, deadlineMs: 86_400_000, requester: 'may-not', onRejected: 'keep' },
      retire: { afterMs: 86_400_000 },
      rehearse: false,
    });
  });

  test('the way back is rehearsed in staging, unless the spec says otherwise', () => {
    const staging = (more: string): boolean | undefined =>
      parsed(SMALLEST.replace('production:', 'staging:') + more).environments[0]?.rehearse;
    expect([staging(''), staging('    rehearse: false\n')]).toEqual([true, false]);
  });

  test('without smoke checks the root is asked for, and every answer but a failure of the server is right', () => {
    const [check] = production('stop: {}').smoke;
    expect(check).toMatchObject({ kind: 'get', path: '/' });
    expect(check?.kind === 'get' && [200, 302, 404].every((status) => check.status.includes(status))).toBe(true);
    expect(check?.kind === 'get' && check.status.some((status) => status >= 500)).toBe(false);
    expect(production('smoke: []').smoke).toEqual([]);
  });

  test('staging watches for five minutes and asks nobody', () => {
    const [staging] = parsed(SMALLEST.replace('production', 'staging')).environments;
    expect(staging).toMatchObject({ watch: { forMs: 300_000 }, approval: null });
  });

  test('what stands empty has its defaults', () => {
    const empty = parsed(
      `${SMALLEST}    watch:\n    variables:\n    health:\n    smoke:\n    approval:\nnotify:\nbuild:\n`,
    );
    expect(empty).toEqual(parsed(SMALLEST));
  });
});

test('values of variables are taken as they are written', () => {
  const { variables } = production(
    'variables: { A: 500, B: no, C: 1e3, D: 0x1F, E: ~, F: , G: "x\\ty", H: 1_0, I: 010 }',
  );
  expect(variables).toEqual({ A: '500', B: 'no', C: '1e3', D: '0x1F', E: '~', F: '', G: 'x\ty', H: '1_0', I: '010' });
});

describe('one thing may be written in several ways', () => {
  test.each<[string, object]>([
    ['health: /healthz', { health: { path: '/healthz', startMs: 60_000 } }],
    ['health: { start: 2m }', { health: { path: '/', startMs: 120_000 } }],
    ['health: { status: 200-204 }', { health: { status: [200, 201, 202, 203, 204] } }],
    ['health: { status: [204, 200] }', { health: { status: [200, 204] } }],
    ['health: { header: { X-Ok: yes } }', { health: { header: { 'x-ok': 'yes' } } }],
    ['health: { send: { Host: shop.example } }', { health: { send: { host: 'shop.example' } } }],
    [
      'smoke: [{ get: /, send: { x-forwarded-proto: https } }]',
      { smoke: [{ send: { 'x-forwarded-proto': 'https' } }] },
    ],
    ['integration: npm test', { integration: [['npm', 'test']], integrationTimeoutMs: 1_800_000 }],
    ['integration: { run: [a, b], timeout: 5m }', { integration: [['a'], ['b']], integrationTimeoutMs: 300_000 }],
    [
      'integration: [npm test, node "a b"]',
      {
        integration: [
          ['npm', 'test'],
          ['node', 'a b'],
        ],
      },
    ],
    ['smoke: [{ run: [a, b], timeout: 1m }]', { smoke: [{ command: ['a'] }, { command: ['b'], timeoutMs: 60_000 }] }],
    [
      'strategy: rolling',
      { strategy: { kind: 'rolling', batch: 1, eachMs: 30_000, onInsufficient: 'hold', stickiness: 'none' } },
    ],
    [
      'strategy: { kind: rolling, batch: 2, each: 1m, onInsufficient: promote, stickiness: cookie }',
      { strategy: { kind: 'rolling', batch: 2, eachMs: 60_000, onInsufficient: 'promote', stickiness: 'cookie' } },
    ],
    ['strategy: { kind: blue-green }', { strategy: { kind: 'blue-green' } }],
    [
      'strategy: canary',
      {
        strategy: { kind: 'canary', steps: [10, 50, 100], eachMs: 120_000, onInsufficient: 'hold', stickiness: 'none' },
      },
    ],
    [
      'strategy: { kind: canary, steps: [5%, 100%], each: 30s, onInsufficient: rollback, stickiness: cookie }',
      {
        strategy: {
          kind: 'canary',
          steps: [5, 100],
          eachMs: 30_000,
          onInsufficient: 'rollback',
          stickiness: 'cookie',
        },
      },
    ],
    ['approval: none', { approval: null }],
    ['approval: false', { approval: null }],
    ['approval: { from: ana }', { approval: { from: ['ana'], requester: 'may-not' } }],
    [
      'requires: [A, B: port]',
      {
        requires: [
          { name: 'A', form: 'text' },
          { name: 'B', form: 'port' },
        ],
      },
    ],
    [
      'requires: { A: text, B: port }',
      {
        requires: [
          { name: 'A', form: 'text' },
          { name: 'B', form: 'port' },
        ],
      },
    ],
    ['{requires: [U], databases: {main: {url: $U}}}', { databases: { main: { kind: 'url', url: '$U' } } }],
  ])('%s', (written, expected) => {
    const text = written.startsWith('{') ? written.slice(1, -1).replace(', databases', '\n    databases') : written;
    expect(production(text)).toMatchObject(expected);
  });

  test('a database in parts has the usual port', () => {
    const parts =
      'secrets: { P: secret://env/P }\n    databases: { main: { host: h, user: u, password: $P, database: d } }';
    expect(production(parts).databases).toEqual({
      main: { kind: 'parts', host: 'h', port: '5432', user: 'u', password: '$P', database: 'd' },
    });
  });

  test('coverage and artifact are a word or a mapping', () => {
    const spec = parsed(`${SMALLEST}tests: { coverage: ./lcov.info }\nbuild: { artifact: zip, install: [] }\n`);
    expect(spec.tests.coverage).toEqual({ path: 'lcov.info', minimum: 0.7 });
    expect(spec.build).toMatchObject({ install: [], artifact: { kind: 'zip', include: [], prune: true } });
  });
});

describe('what is wrong is named with place, value and what was expected', () => {
  test.each<[string, string]>([
    [
      'watch: { for: 5 minuets }',
      'watch.for: 5 minuets: expected a duration with a unit, such as 30s, 5m, 24h; did you mean `5m`?',
    ],
    ['wach: { for: 5m }', 'environments.production: wach: expected one of the keys platform,'],
    ['wach: { for: 5m }', 'did you mean `watch`?'],
    [
      'watch: { errors: 1 }',
      'watch.errors: 1: expected a share from 0% to 100%, such as 1%, 0.5%, 80%; did you mean `1%`?',
    ],
    ['watch: 5m', 'watch: 5m: expected a mapping with for, errors'],
    ['stop: { grace: }', 'stop.grace: missing: expected a duration'],
    ['health: healthz', 'health: healthz: expected a path that starts with /'],
    ['health: { stat: 200 }', 'health: stat: expected one of the keys path,'],
    ['smoke: [{ gett: / }]', 'smoke[0]: gett: expected one of the keys get,'],
    ['smoke: [{ run: a && b }]', 'smoke[0].run: a && b: expected a command that runs without a shell: `&&`'],
    ['smoke: [foo]', 'smoke[0]: foo: expected a check, { get: /path } or { run: command }'],
    ['integration: { run: a, tiemout: 5m }', 'integration: tiemout'],
    ['integration: [node, --test]', 'integration[1]: --test: expected a command: each item of the list is one'],
    [
      'strategy: { kind: rolling, steps: [10%, 100%] }',
      'strategy.steps: [10%, 100%]: expected nothing here: only `kind: canary` has it',
    ],
    ['strategy: { kind: canary, batch: 2 }', 'strategy.batch: 2: expected nothing here: only `kind: rolling` has it'],
    ['strategy: recreate', 'strategy: recreate: expected one of blue-green, canary, rolling'],
    ['strategy: { kind: roll }', 'strategy.kind: roll: expected one of blue-green, canary, rolling'],
    [
      'strategy: { kind: blue-green, each: 2m }',
      'strategy.each: 2m: expected nothing here: only `kind: canary` and `kind: rolling` have it',
    ],
    ['strategy: { kind: canary, steps: [10%, 50%] }', 'strategy.steps: [10%, 50%]: expected shares that rise'],
    [
      'strategy: { kind: canary, steps: [50%, 10%, 100%] }',
      'strategy.steps: [50%, 10%, 100%]: expected shares that rise',
    ],
    ['strategy: { kind: canary, steps: [10, 100%] }', 'strategy.steps[0]: 10: expected a whole share from 1% to 100%'],
    [
      'strategy: { kind: canary, steps: [0.5%, 100%] }',
      'strategy.steps[0]: 0.5%: expected a whole share from 1% to 100%',
    ],
    [
      'strategy: { kind: canary, onInsufficient: wait }',
      'strategy.onInsufficient: wait: expected one of hold, promote, rollback',
    ],
    ['approval: { from: [ana], needs: 2 }', 'approval.needs: 2: expected at most 1, because `from` names no more'],
    ['approval: { requester: maybe }', 'approval.requester: maybe: expected one of may, may-not'],
    [
      'databases: { main: { url: $U, migrations: m } }',
      'databases.main: migrations: expected no such key: migrations are not there yet',
    ],
    [
      'databases: { main: { host: h } }',
      'expected url, or all of host, user, password, database (missing: user, password, database)',
    ],
    ['databases: { main: { url: $NOPE } }', 'expected a name of `variables`, `secrets` or `requires`, not $NOPE'],
    ['services: { pay: ftp://x }', 'expected a URL that starts with http:// or https://'],
    ['variables: { "A B": 1 }', 'variables: A B: expected a name of letters'],
    ['variables: { PORT: 1 }', 'variables: PORT: expected another name: this one is set for each instance'],
    ['variables: { MVCA_HOME: 1 }', 'variables: MVCA_HOME: expected another name'],
    ['variables: { A: [1] }', 'variables.A: [1]: expected a text'],
    ['requires: [A: prt]', 'requires[0].A: prt: expected one of text, port, number'],
    ['requires: foo', 'requires: foo: expected a list of names'],
    ['rehearse: true', 'rehearse: true: expected false: nothing comes after production to rehearse for'],
    ['retire: 5h', 'retire: 5h: expected a mapping with after'],
    ['smoke: [{ get: "/a\\nb" }]', 'smoke[0].get: "/a\\nb": expected a path that starts with /'],
    [
      'approval: { from: ["a\\e[31mna"] }',
      'approval.from[0]: "a\\e[31mna": expected a name of at most 100 characters on one line',
    ],
  ])('%s', (written, expected) => {
    expect(problems(`${SMALLEST}    ${written}\n`).join('\n')).toContain(expected);
  });

  test.each<[string, string]>([
    ['app: My Shop', 'deployment.yaml:1:6 app: My Shop: expected a name of at most 40 small letters'],
    ['app: My Shop', 'did you mean `my-shop`?'],
    [
      'biuld: {}',
      'biuld: expected one of the keys app, source, build, tests, environments, notify; did you mean `build`?',
    ],
    ['build: { command: tool $SOURCE_COMMIT }', 'a command in which nothing has to be put in for $SOURCE_COMMIT'],
    [
      'build: { variables: { NPM_TOKEN: secret://env/NPM_TOKEN } }',
      'build.variables.NPM_TOKEN: secret://env/NPM_TOKEN: expected a text: installs, builds and tests get no secrets',
    ],
    ['tests: { variables: { KEY: secret://file/shop/KEY } }', 'A private registry is reached by the ~/.npmrc'],
    ['build: { artifact: image }', 'build.artifact: image: expected one of tar, zip'],
    ['build: { artifact: { kind: image } }', 'build.artifact.kind: image: expected one of tar, zip'],
    ['build: { static: [../x] }', 'build.static[0]: ../x: expected a path below'],
    ['build: { static: [/x] }', 'build.static[0]: /x: expected a path below'],
    ['build: { static: [--x] }', 'build.static[0]: --x: expected a path below'],
    ['build: { artifact: { include: ["a\\nb"] } }', 'build.artifact.include[0]: "a\\nb": expected a path below'],
    ['build: { timeout: 10ms }', 'expected a duration of at least 1s with a unit'],
    [
      'tests: { database: scratch }',
      'tests: database: expected no such key: scratch databases for tests are not there yet',
    ],
    ['tests: { coverage: { minimum: 80% } }', 'tests.coverage.path: missing: expected a path below'],
    ['notify: [{ kind: mail, url: secret://env/X }]', 'notify[0].kind: mail: expected one of webhook, slack'],
    ['source: { git: yes }', 'source.git: yes: expected true or false'],
  ])('%s', (written, expected) => {
    const text = written.startsWith('app') ? SMALLEST.replace('app: shop', written) : `${SMALLEST}${written}\n`;
    expect(problems(text).join('\n')).toContain(expected);
  });

  test.each<[string, string]>([
    ['{ kind: docker, start: a }', 'platform.kind: docker: expected process, which is the only platform there is'],
    ['{ kind: proces, start: a }', 'did you mean `process`?'],
    ['{ start: a }', 'platform.kind: missing: expected process'],
    ['{ kind: process, start: }', 'platform.start: missing: expected a command, such as node server.js'],
    ['{ kind: process }', 'platform.start: missing: expected a command, such as node server.js'],
    ['{ kind: process, start: "" }', 'platform.start: "": expected a command, such as node server.js'],
    ['{ kind: process, start: [node, x] }', 'platform.start: [node, x]: expected a command, such as node server.js'],
    ['{ kind: process, start: X=1 node a }', 'expected a command that runs without a shell: `X=…`'],
    ['{ kind: process, start: node a, instances: 0 }', 'platform.instances: 0: expected a whole number from 1 to 64'],
    [
      '{ kind: process, start: node a, instances: 2, singleton: true }',
      'expected 1 instance, because `singleton` is true',
    ],
    ['{ kind: process, start: node a, instances: 2, port: 80 }', 'expected 1 instance, because `port` is fixed'],
    ['{ kind: process, start: node a, port: 99999 }', 'platform.port: 99999: expected a whole number from 1 to 65535'],
    ['{ kind: process, start: node a, port: { var: X } }', 'platform.port: var: expected the key variable'],
    ['{ kind: process, start: node a, port: 8080 }', "expected another port than the application's own"],
    ['{ kind: process, start: node a, directory: ../x }', 'platform.directory: ../x: expected a path below'],
    ['{ kind: process, start: node a, persistent: [.] }', 'persistent[0]: .: expected a folder below `directory`'],
    ['{ kind: process, start: node a, persistent: [u/a, u] }', 'expected a folder that is not inside another one (u)'],
    [
      '{ kind: process, start: node a, memory: 512 mb }',
      'expected a size with a unit, such as 500KB, 512MiB, 1GB; did you mean `512MB`?',
    ],
    ['{ kind: process, start: node a, node: latest }', 'platform.node: latest: expected a range of Node.js versions'],
    ['{ kind: process, start: node a $PROT }', 'nothing is known of $PROT; did you mean `$PORT`?'],
    ['{ kind: static, root: dist }', 'platform: root: expected no such key: static sites'],
  ])('platform: %s', (written, expected) => {
    const text = SMALLEST.replace('{ kind: process, start: node server.js }', written);
    expect(problems(text).join('\n')).toContain(expected);
  });

  test.each(['8080x', '127.0.0.1', '127.0.0.1:0', 'a b:80', '::1:80', ':80'])('listen: %s', (written) => {
    expect(problems(SMALLEST.replace('127.0.0.1:8080', written)).join('\n')).toContain(
      'expected an address and a port',
    );
  });

  test('a missing section is named at the place where it is missing', () => {
    const text = 'app: shop\nenvironments:\n  staging:\n    platform: { kind: process, start: node a }\n';
    expect(problems(text)).toEqual([
      'deployment.yaml:3:3 environments.staging.traffic: missing: expected a mapping with kind, listen, drain, metrics, trust, connections',
    ]);
  });

  test('every problem is named at once, in the order of the file', () => {
    const text = `app: Shop
build: { command: a | b, timout: 5m }
environments:
  prodction: {}
  staging:
    platform: { kind: process, start: node server.js $SECRET $PROT, memory: lots }
    traffic: { kind: router, listen: 127.0.0.1:8081 }
    wach: 5m
  production:
    platform: { kind: process, start: node server.js $KEY $PROT }
    traffic: { kind: rooter, listen: 127.0.0.1:8081 }
`;
    const result = parseSpec(text, 'deployment.yaml');
    const places = result.ok ? [] : result.problems.map(({ line, path: at }) => `${line} ${at}`);
    expect(places).toEqual([
      '1 app',
      '2 build.command',
      '2 build',
      '4 environments',
      '6 environments.staging.platform.memory',
      '8 environments.staging',
      '11 environments.production.traffic.kind',
    ]);
  });

  test('what is wrong between sections is named although others are wrong in themselves', () => {
    const text = `${SMALLEST.replace('server.js', 'server.js $PROT $KEY')}    secrets: { KEY: secret://env/KEY }\n    wach: 5m\n    stop: { grace: 5 }\n`;
    const said = problems(text).join('\n');
    for (const part of ['$PROT', 'no secret among the arguments ($KEY)', 'wach', 'stop.grace'])
      expect(said).toContain(part);
  });
});

test('dollars in single quotes are doubled where values are put in, and stay where none are', () => {
  const { environments, build } = parsed(
    `${SMALLEST.replace('node server.js', `sh -c 'node a --port "$PORT"'`)}build: { command: sh -c 'echo $HOME' }\n`,
  );
  expect(environments[0]?.platform.start).toEqual(['sh', '-c', 'node a --port "$$PORT"']);
  expect(build.command).toEqual([['sh', '-c', 'echo $HOME']]);
});

describe('several environments', () => {
  const two = (first: string, second: string): string => `app: shop
environments:
  ${first}
    platform: { kind: process, start: node a, port: 3000 }
    traffic: { kind: router, listen: 127.0.0.1:8080 }
  ${second}
    platform: { kind: process, start: node a, port: 3000 }
    traffic: { kind: router, listen: 0.0.0.0:8080 }
`;

  test('cannot show metrics where another one listens', () => {
    const spec = two('staging:', 'production:').replace('0.0.0.0:8080', '127.0.0.1:80, metrics: 127.0.0.1:8080');
    expect(problems(spec).join('\n')).toContain(
      'environments.production.traffic.metrics: 127.0.0.1:8080: expected an address of its own: staging listens there too',
    );
  });

  test('cannot listen at one place', () => {
    expect(problems(two('staging:', 'production:')).join('\n')).toContain(
      'environments.production.traffic.listen: 0.0.0.0:8080: expected an address of its own: staging listens there too',
    );
  });

  test('stand in the order of promotion', () => {
    expect(problems(two('production:', 'staging:').replace('0.0.0.0:8080', '127.0.0.1:8081'))).toEqual([
      'deployment.yaml:3:3 environments: production: expected the order of promotion: staging, production',
    ]);
  });

  test('with one fixed port are warned of, since one machine has room for one', () => {
    const result = parseSpec(two('staging:', 'production:').replace('0.0.0.0:8080', '127.0.0.1:8081'), 'f');
    expect(result).toMatchObject({
      ok: true,
      warnings: [{ path: 'environments.production.platform.port', value: '3000' }],
    });
  });

  test('there must be one', () => {
    expect(problems('app: shop\nenvironments: {}\n').join('\n')).toContain('at least one environment: development');
    expect(problems('app: shop\n').join('\n')).toContain('environments: missing: expected a mapping with development');
  });
});

test('nobody to approve production is warned of', () => {
  const result = parseSpec(`${SMALLEST}    approval: none\n`, 'f');
  expect(result).toMatchObject({ ok: true, warnings: [{ path: 'environments.production.approval' }] });
});

test('the value of a secret that stands in the file by mistake is never repeated', () => {
  const text = `${SMALLEST}    secrets: { KEY: hunter2 }
    databases: { main: { url: "postgres://u:hunter2@h/d" }, other: { password: hunter2 } }
    services: { pay: "https://u:hunter2@pay.example.com" }
notify: [{ kind: webhook, url: hunter2 }]
`;
  const result = parseSpec(text, 'f');
  expect(result.ok).toBe(false);
  expect(JSON.stringify(result)).not.toContain('hunter2');
});

describe('secrets are references', () => {
  test.each(['secret://env/KEY', 'secret://file/shop/KEY', 'secret://file/shop/production/KEY'])('%s', (reference) => {
    expect(production(`secrets: { KEY: ${reference} }`).secrets).toEqual({ KEY: reference });
  });
  test.each([
    'secret://vault/a',
    'secret://env/a b',
    'secret://file/KEY',
    'secret://file/../KEY',
    'secret://file/a/b/c/d',
    '',
  ])('not `%s`', (reference) => expect(problems(`${SMALLEST}    secrets: { KEY: "${reference}" }\n`)).toHaveLength(1));
});

describe('whatever is in the file', () => {
  test.each(readdirSync('examples/apps').map((name) => path.join('examples/apps', name, 'deployment.yaml')))(
    '%s is a spec',
    (file) => {
      expect(parseSpec(readFileSync(file, 'utf8'), file)).toMatchObject({ ok: true, warnings: [] });
    },
  );

  test('any text gives a spec or problems, never an exception', () => {
    const lines = SMALLEST.split('\n');
    const piece = fc.oneof(fc.constantFrom(...lines, ...'[]{}:,&*!|>%@`"\'# \n\t-'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const result = parseSpec(pieces.join(''), 'f');
        if (!result.ok) expect(result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  test('any value in any place gives a spec or problems with a place', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(null, [], {}, [null], { a: {} }, '-x', ' '));
    const keys = ['watch', 'health', 'smoke', 'approval', 'requires', 'secrets', 'variables', 'integration', 'stop'];
    fc.assert(
      fc.property(fc.constantFrom(...keys), value, (key, any) => {
        const result = parseSpec(`${SMALLEST}    ${key}: ${JSON.stringify(any)}\n`, 'f');
        if (!result.ok) expect(result.problems[0]).toMatchObject({ line: 6 });
      }),
      { numRuns: 500 },
    );
  });
});
