/** Normalised specs for tests of decisions: an ordinary application, changed where a test needs it. */
import type { ReleaseStatus } from '../../domain/release';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';

export function environmentSpec(change: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return {
    name: 'production',
    platform: {
      kind: 'process',
      start: ['node', 'server.js'],
      instances: 2,
      port: { variable: 'PORT' },
      directory: '.',
      singleton: false,
      persistent: [],
      node: null,
      memoryBytes: null,
    },
    traffic: { kind: 'router', listen: { host: '127.0.0.1', port: 8080 }, drainMs: 30_000 },
    variables: { LOG_LEVEL: 'info' },
    secrets: { SESSION_KEY: 'secret://file/shop/production/SESSION_KEY' },
    requires: [],
    databases: {},
    services: {},
    health: {
      path: '/healthz',
      everyMs: 1_000,
      timeoutMs: 2_000,
      startMs: 60_000,
      status: [200],
      contains: null,
      type: null,
      header: {},
    },
    stop: { graceMs: 30_000 },
    smoke: [{ kind: 'get', path: '/', timeoutMs: 5_000, status: [200], contains: null, type: null, header: {} }],
    integration: [],
    integrationTimeoutMs: 1_800_000,
    strategy: { kind: 'blue-green' },
    watch: {
      forMs: 600_000,
      errors: 0.01,
      errorStatuses: [],
      responseMs: 1_000,
      slow: 0.05,
      resources: 0.8,
      probes: [],
      minimum: 30,
      deadlineMs: 86_400_000,
    },
    approval: { from: [], needs: 1, deadlineMs: 86_400_000, requester: 'may-not', onRejected: 'keep' },
    retire: { afterMs: 86_400_000 },
    // Only where a test is about it: it takes its seconds.
    rehearse: false,
    ...change,
  };
}

export function spec(change: Partial<Spec> = {}): Spec {
  return {
    app: 'shop',
    source: { git: false },
    build: {
      install: null,
      command: [],
      variables: {},
      artifact: { kind: 'tar', include: [], prune: true },
      static: [],
      timeoutMs: 600_000,
    },
    tests: { unit: [], integration: [], coverage: null, variables: {}, timeoutMs: 600_000 },
    environments: [environmentSpec({ name: 'staging', approval: null }), environmentSpec()],
    notify: [],
    ...change,
  };
}

export function releaseStatus(release: string, change: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    release,
    version: release.replace(/-.*/, ''),
    artifact: `sha256:${'a'.repeat(64)}`,
    environment: 'production',
    state: 'running',
    proven: true,
    createdAt: 1_000,
    instances: [],
    addresses: [{ host: '127.0.0.1', port: 20_001 }],
    ...change,
  };
}
