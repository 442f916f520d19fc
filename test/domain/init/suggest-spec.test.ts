import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { ProjectFacts } from '../../../domain/init/facts';
import { suggestSpec } from '../../../domain/init/suggest-spec';
import { formatProblem } from '../../../domain/spec/format-problem';
import { parseSpec } from '../../../domain/spec/parse';
import type { EnvironmentSpec, Spec } from '../../../domain/spec/spec';

const facts = (packageJson: object | null, more: Partial<ProjectFacts> = {}): ProjectFacts => ({
  folder: 'My App',
  packageJson: packageJson && JSON.stringify(packageJson),
  files: ['package.json', 'package-lock.json', 'server.js'],
  contents: { 'server.js': 'http.createServer(app).listen(process.env.PORT)' },
  ports: { staging: 8081, production: 8080 },
  ...more,
});

function specOf(given: ProjectFacts): Spec {
  const { text } = suggestSpec(given);
  const parsed = parseSpec(text, 'deployment.yaml');
  if (!parsed.ok) throw new Error(`${parsed.problems.map(formatProblem).join('\n')}\n${text}`);
  expect(parsed.warnings).toEqual([]);
  return parsed.spec;
}

function productionOf(given: ProjectFacts): EnvironmentSpec {
  const environment = specOf(given).environments.at(-1);
  if (environment === undefined) throw new Error('no environment');
  return environment;
}

describe('the framework is recognised and started without a package manager between', () => {
  test.each<[string, object, string]>([
    ['Express', { scripts: { start: 'node src/server.js' }, dependencies: { express: '5' } }, 'node src/server.js'],
    ['Fastify', { scripts: { start: 'node app.js' }, dependencies: { fastify: '5' } }, 'node app.js'],
    ['Koa', { main: 'server.js', dependencies: { koa: '3' } }, 'node server.js'],
    [
      'Hono',
      { scripts: { start: 'node dist/a.js', build: 'tsc' }, dependencies: { '@hono/node-server': '1' } },
      'node dist/a.js',
    ],
    [
      'NestJS',
      { scripts: { start: 'nest start', build: 'nest build' }, dependencies: { '@nestjs/core': '11', express: '5' } },
      'node dist/main.js',
    ],
    [
      'NestJS',
      { scripts: { start: 'nest start', 'start:prod': 'node dist/src/main' }, dependencies: { '@nestjs/core': '11' } },
      'node dist/src/main',
    ],
    [
      'Next.js',
      { scripts: { start: 'next start', build: 'next build' }, dependencies: { next: '15' } },
      'node node_modules/next/dist/bin/next start --port $PORT',
    ],
    ['Nuxt', { scripts: { build: 'nuxt build' }, dependencies: { nuxt: '4' } }, 'node .output/server/index.mjs'],
    ['Node.js without a framework', { scripts: { start: 'node server.js' } }, 'node server.js'],
    ['Node.js without a framework', {}, 'node server.js'],
    [
      'a site built by vite',
      { scripts: { build: 'vite build', start: 'node server.js' }, devDependencies: { vite: '7' } },
      'node server.js',
    ],
    ['Express', { scripts: { start: 'nodemon server.js' }, dependencies: { express: '5' } }, 'node server.js'],
  ])('%s: %j', (framework, packageJson, start) => {
    const given = facts(packageJson);
    expect(suggestSpec(given).framework).toBe(framework);
    expect(productionOf(given).platform.start.join(' ')).toBe(start);
  });

  test('variables before the command become variables', () => {
    const { platform, variables } = productionOf(
      facts({ scripts: { start: 'NODE_ENV=production X=1 PORT=3 node a.js' } }),
    );
    expect(platform.start).toEqual(['node', 'a.js']);
    expect(variables).toEqual({ NODE_ENV: 'production', X: '1' });
  });

  test.each([
    ['a shell', 'node a.js && node b.js'],
    ['another name', 'node a.js --port $API'],
    ['another program', 'tsx src/server.ts'],
  ])('what needs %s is left to the package manager, with a note', (_what, start) => {
    const given = facts({ scripts: { start }, devDependencies: { tsx: '4' } });
    expect(productionOf(given).platform.start).toEqual(['npm', 'start']);
    expect(suggestSpec(given).notes.join('\n')).toContain('npm start puts a package manager');
    expect(specOf(given).build.artifact.prune).toBe(!start.startsWith('tsx'));
  });

  test('a start that is not found is a line to correct', () => {
    const given = facts({}, { files: ['package.json', 'README.md'], contents: {} });
    expect(productionOf(given).platform.start).toEqual(['npm', 'start']);
    expect(suggestSpec(given).notes.join('\n')).toContain('nothing was found that starts the application');
  });
});

test('build, tests and package manager come from scripts and lock file', () => {
  const scripts = {
    build: 'tsc',
    test: 'node --test dist/test/*.js',
    'test:integration': 'x',
    start: 'node dist/a.js',
  };
  const spec = specOf(facts({ scripts }, { files: ['pnpm-lock.yaml', 'package.json'] }));
  expect(spec.build.command).toEqual([['pnpm', 'run', 'build']]);
  expect(spec.tests.unit).toEqual([
    ['pnpm', 'run', 'build'],
    ['pnpm', 'test'],
  ]);
  expect(spec.tests.integration).toEqual([['pnpm', 'run', 'test:integration']]);
  const none = facts({ scripts: { test: 'echo "Error: no test specified" && exit 1', start: 'node a.js' } });
  expect(specOf(none).tests.unit).toEqual([]);
  expect(suggestSpec(none).notes.join('\n')).toContain('there are no tests');
});

describe('the source tells of port and health', () => {
  const source = (code: string): EnvironmentSpec =>
    productionOf(facts({ scripts: { start: 'node a.js' } }, { contents: { 'a.js': code } }));

  test('a variable of another name', () => {
    expect(source('listen(process.env.API_PORT)').platform.port).toEqual({ variable: 'API_PORT' });
  });

  test('a fixed port leaves one environment, one instance and a gap', () => {
    const given = facts({ scripts: { start: 'node a.js' } }, { contents: { 'a.js': 'app.listen(8080)' } });
    const spec = specOf(given);
    expect(spec.environments).toHaveLength(1);
    expect(spec.environments[0]?.platform).toMatchObject({ port: { fixed: 8080 }, instances: 1, singleton: true });
    expect(spec.environments[0]?.traffic.listen.port).not.toBe(8080);
    expect(suggestSpec(given).notes.join('\n')).toContain('the port is fixed in the code');
  });

  test('the path of a health check', () => {
    expect(source("app.get('/healthz', ok); listen(process.env.PORT)").health.path).toBe('/healthz');
    expect(source('listen(process.env.PORT)').health.path).toBe('/');
  });
});

test('.env.example tells of variables, secrets and a database', () => {
  const example =
    'PORT=3000\nLOG_LEVEL=info # or debug\nexport DATABASE_URL=postgres://x\nSESSION_SECRET=\nREGION=\nTITLE="a: b"\n';
  const given = facts(
    { name: '@acme/My.Shop', scripts: { start: 'node a.js' }, dependencies: { pg: '8' } },
    { contents: { 'a.js': 'listen(process.env.PORT)', '.env.example': example } },
  );
  const { variables, secrets, requires, databases } = productionOf(given);
  expect(variables).toEqual({ NODE_ENV: 'production', LOG_LEVEL: 'info', TITLE: 'a: b' });
  expect(secrets).toEqual({
    DATABASE_URL: 'secret://file/my-shop/production/DATABASE_URL',
    SESSION_SECRET: 'secret://file/my-shop/production/SESSION_SECRET',
  });
  expect(requires).toEqual([{ name: 'REGION', form: 'text' }]);
  expect(databases).toEqual({ main: { kind: 'url', url: '$DATABASE_URL' } });
  expect(suggestSpec(given).text).not.toContain('postgres://x');
});

test('every line is explained, and staging and production listen at the given ports', () => {
  const { text } = suggestSpec(facts({ scripts: { start: 'node server.js', test: 'node --test' } }));
  expect(text).toContain('# yaml-language-server: $schema=./node_modules/mvca/docs/spec.schema.json');
  expect(text).toContain('listen: 127.0.0.1:8081 }');
  expect(text).toContain('listen: 127.0.0.1:8080 }');
  const bare = text.split('\n').filter((line) => line !== '' && !line.includes('#') && !/^\s*\w+:$/.test(line));
  expect(bare).toEqual(['app: my-app']);
});

test.each(readdirSync('examples/apps'))('the example %s gets a spec that fits', (name) => {
  const folder = path.join('examples/apps', name);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.includes('node_modules'),
  );
  const sources = files.filter((file) => /^(src\/)?[\w-]+\.[jt]s$/.test(file));
  const given = facts(null, {
    folder: name,
    packageJson: readFileSync(path.join(folder, 'package.json'), 'utf8'),
    files,
    contents: Object.fromEntries(sources.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')])),
  });
  const suggested = productionOf(given);
  const ours = parseSpec(readFileSync(path.join(folder, 'deployment.yaml'), 'utf8'), name);
  if (!ours.ok || !existsSync(folder)) throw new Error(`${name} has no right spec`);
  const production = ours.spec.environments.at(-1);
  expect(suggested.platform.start).toEqual(production?.platform.start);
  expect(suggested.platform.port).toEqual(production?.platform.port);
  expect(suggested.health.path).toBe(production?.health.path);
});

test('whatever stands in package.json and beside it, the suggestion is a spec', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('node a.js', 'next start', 'a && b', '', ' ', "'", '$X', 'MVCA_A=1 node x'),
  );
  const names = fc.constantFrom(
    'start',
    'build',
    'test',
    'test:unit',
    'start:prod',
    'express',
    'next',
    'tsx',
    'pg',
    '__proto__',
  );
  const json = fc.record(
    {
      name: word,
      main: word,
      workspaces: fc.boolean(),
      engines: fc.record({ node: fc.oneof(word, fc.constantFrom('>=20', '20.x')) }),
      scripts: fc.oneof(fc.dictionary(names, word), word),
      dependencies: fc.dictionary(names, word),
      devDependencies: fc.oneof(fc.dictionary(names, word), fc.constant(null)),
    },
    { requiredKeys: [] },
  );
  const env = fc.array(
    fc.tuple(fc.constantFrom('A', '_KEY', 'X_TOKEN', 'MVCA_Z', 'PORT', 'API_PORT', '__proto__', 'DATABASE_URL'), word),
  );
  const code = fc.constantFrom(
    '',
    'app.listen(8080)',
    'process.env.API_PORT',
    "process.env.PORT; '/healthz'",
    'listen({port: 80})',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        json.map((value) => JSON.stringify(value)),
        word,
        fc.constant(null),
      ),
      env,
      code,
      (packageJson, pairs, source) => {
        const example = pairs.map(([name, value]) => `${name}=${value}`).join('\n');
        const contents = { '.env.example': example, 'a.js': source };
        specOf(facts(null, { packageJson, contents }));
      },
    ),
    { numRuns: 500 },
  );
});

test.each<[string, ProjectFacts['approvers'], object]>([
  ['anybody but who asks', undefined, { from: [], requester: 'may-not' }],
  ['these', { kind: 'named', names: ['ana', 'yes: {no}'] }, { from: ['ana', 'yes: {no}'], requester: 'may-not' }],
  ['whoever works alone', { kind: 'alone', name: 'ana' }, { from: ['ana'], requester: 'may' }],
])('production is approved by %s', (_title, approvers, approval) => {
  const given = facts({}, approvers === undefined ? {} : { approvers });
  expect(productionOf(given).approval).toMatchObject({ needs: 1, ...approval });
  const says = suggestSpec(given).notes.some((note) => note.includes('mvca approve my-app'));
  expect(says).toBe(approvers?.kind === 'alone');
});
