import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const FOLDER = path.join(__dirname, '../../temporal-docker');

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const read = (file: string) =>
  parse(readFileSync(path.join(FOLDER, file), 'utf8'), { merge: true }) as { services: Record<string, Service> };
const { services } = read('compose.yaml');

test('there are a server, its Web UI, PostgreSQL, our worker, and two services that set up and end', () => {
  expect(Object.keys(services).sort()).toEqual(['namespace', 'postgresql', 'schema', 'temporal', 'ui', 'worker']);
});

test('the server is the plain one, with its version named', () => {
  expect(services['temporal']?.image).toBe('temporalio/server:${TEMPORAL_VERSION}');
  expect(JSON.stringify(services)).not.toContain('auto-setup');
});

test('no password has a default, and without one nothing starts', () => {
  expect(services['temporal']?.environment?.['POSTGRES_PWD']).toContain(':?');
  expect(services['postgresql']?.environment?.['MVCA_DATABASE_PASSWORD']).toContain(':?');
  const example = readFileSync(path.join(FOLDER, '.env.example'), 'utf8');
  expect(example).toMatch(/^TEMPORAL_DATABASE_PASSWORD=$/m);
  expect(example).toMatch(/^MVCA_DATABASE_PASSWORD=$/m);
});

test('every port is for this host alone', () => {
  const ports = Object.values(services).flatMap((service) => service.ports ?? []);
  expect(ports.length).toBeGreaterThan(0);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test('the worker is told where Temporal and the records are, and keeps its home in a volume', () => {
  const worker = services['worker'];
  expect(worker?.environment).toMatchObject({ TEMPORAL_ADDRESS: '127.0.0.1:7233', MVCA_HOME: '/var/lib/mvca' });
  expect(worker?.environment?.['MVCA_DATABASE']).toMatch(/^postgres:\/\/mvca:/);
  expect(worker?.volumes).toContain('mvca:/var/lib/mvca');
  const dockerfile = readFileSync(path.join(FOLDER, '..', worker?.build?.dockerfile ?? ''), 'utf8');
  expect(dockerfile).toContain('dist/worker/main.js');
  expect(dockerfile).toMatch(/^USER mvca$/m);
});

test('with TLS the server asks for certificates, and everybody who talks to it has one', () => {
  const secured = read('compose.tls.yaml').services;
  expect(secured['temporal']?.environment?.['TEMPORAL_TLS_REQUIRE_CLIENT_AUTH']).toBe('true');
  for (const name of ['worker', 'namespace']) {
    expect(secured[name]?.environment).toMatchObject({ TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_NAME: 'temporal' });
  }
  expect(secured['ui']?.environment).toHaveProperty('TEMPORAL_TLS_CERT');
  for (const [name, { volumes }] of Object.entries(secured)) {
    expect([name, volumes]).toEqual([name, ['./certificates:/certificates:ro']]);
    expect(services).toHaveProperty(name);
  }
});

test.each(['make-certificates.sh', 'make-namespace.sh', 'make-records-database.sh', 'make-schema.sh'])(
  '%s is a script that a plain shell can read',
  (script) => {
    execFileSync('sh', ['-n', path.join(FOLDER, script)]);
  },
);
