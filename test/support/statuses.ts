/** How deployments stand, for tests of what people see: an ordinary one in its watch, changed where a test needs it. */
import type { DeploymentStatus } from '../../domain/deployment';
import { NO_FIGURES, type Figures } from '../../domain/judge/figures';
import type { Look } from '../../client/deployment';

export const START = Date.parse('2026-11-23T14:00:00.000Z');

export function deploymentStatus(change: Partial<DeploymentStatus> = {}): DeploymentStatus {
  return {
    app: 'shop',
    version: '1.1.0',
    deployment: 'deploy/shop',
    run: 'run-1',
    kind: 'deploy',
    requester: 'ana',
    startedAt: '2026-11-23T14:00:00.000Z',
    phase: 'watch',
    environment: 'production',
    step: 'watch',
    outcome: null,
    reason: null,
    waitingFor: null,
    pause: null,
    releases: [
      release({ release: '1.0.0-aaaa', version: '1.0.0', weight: 0, measured: 0.2 }),
      release({ release: '1.1.0-bbbb', version: '1.1.0', weight: 100, measured: 99.8 }),
    ],
    wayBack: { open: true, reason: '1.0.0 is kept warm', closes: null },
    why: null,
    eta: null,
    messages: [],
    phases: [
      {
        phase: 'validate',
        state: 'succeeded',
        startedAt: '2026-11-23T14:00:00.000Z',
        seconds: 12.4,
        summary: '312 tests',
      },
      {
        phase: 'build',
        state: 'succeeded',
        startedAt: '2026-11-23T14:00:12.000Z',
        seconds: 22,
        summary: 'tar, 312 files',
      },
      { phase: 'watch', state: 'running', startedAt: '2026-11-23T14:00:34.000Z', seconds: null, summary: 'watching' },
    ],
    steps: [],
    warnings: [],
    plan: {
      app: 'shop',
      version: '1.1.0',
      inputs: 'sha256:00',
      digest: 'sha256:cafe',
      environments: [
        {
          environment: 'production',
          strategy: 'blue-green',
          target: { release: '1.0.0-aaaa', version: '1.0.0', artifact: 'sha256:01' },
          wayBack: 'to 1.0.0 (1.0.0-aaaa), which stays warm',
          steps: [
            { name: 'start', does: 'start 2 instances', undo: 'stop the new release', step: { kind: 'start' } },
            { name: 'smoke', does: 'make 1 smoke check', undo: null, step: { kind: 'smoke' } },
          ],
          approval: { from: ['ana', 'bo'], needs: 1, deadlineMs: 86_400_000, requester: 'may-not' },
          configuration: 'sha256:02',
          secrets: { KEY: { reference: 'secret://file/shop/production/KEY', version: '3-ab' } },
          downtime: { seconds: 0, reason: 'the new release is healthy before it gets traffic' },
          rehearsal: null,
          estimate: null,
          refusals: [],
        },
      ],
    },
    snapshot: null,
    artifact: null,
    gates: [],
    watches: [],
    diagnosis: null,
    failures: [],
    unfinished: [],
    report: null,
    ...change,
  };
}

export const release = (
  change: Partial<DeploymentStatus['releases'][number]>,
): DeploymentStatus['releases'][number] => ({
  environment: 'production',
  release: '1.0.0-aaaa',
  version: '1.0.0',
  artifact: 'sha256:01',
  weight: 0,
  measured: null,
  state: 'running',
  ...change,
});

export const figures = (change: Partial<Figures> = {}): Figures => ({
  ...NO_FIGURES,
  ...change,
});

export const lookAt = (status: Partial<DeploymentStatus> = {}, change: Partial<Omit<Look, 'status'>> = {}): Look => ({
  status: deploymentStatus(status),
  state: 'running',
  activities: [],
  ...change,
});
