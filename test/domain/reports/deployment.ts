/** States of deployments as documents get them. */
import type { DeploymentStatus } from '../../../domain/deployment';
import { NO_FIGURES, type Figures } from '../../../domain/judge/figures';
import { beginSeries, withSeen, type Series } from '../../../domain/judge/series';
import type { Plan } from '../../../domain/plan/plan';

const figures = (given: Partial<Figures>): Figures => ({
  ...NO_FIGURES,
  ...given,
});

export const PLAN: Plan = {
  app: 'shop',
  version: '1.2.0',
  inputs: 'sha256:7c1d0f3a55e1',
  digest: 'sha256:5f0a77c1d2e94b06a3a1f2ce6b1f4f4f7a0f3f0c9f4e1d2b3a4958674f3e2d1c',
  environments: [
    {
      environment: 'production',
      strategy: 'blue-green',
      target: { release: 'shop-1.1.0-a1b2c3', version: '1.1.0', artifact: 'sha256:a1b2c3' },
      wayBack: 'to 1.1.0 (shop-1.1.0-a1b2c3), which stays warm',
      steps: [
        { name: 'start', does: 'start 1.2.0 without traffic', undo: 'stop it', step: { kind: 'start' } },
        {
          name: 'shift 100 %',
          does: 'give all traffic to 1.2.0, under a lease',
          undo: 'give all traffic back to 1.1.0',
          step: { kind: 'shift', percent: 100 },
        },
        { name: 'watch', does: 'watch for 10 min', undo: null, step: { kind: 'watch', forMs: 600_000 } },
      ],
      approval: { from: ['ana', 'bo'], needs: 1, deadlineMs: 86_400_000, requester: 'may-not' },
      configuration: 'sha256:0badc0de',
      secrets: { PAYMENT_HOOK: { reference: 'secret://file/shop/production/PAYMENT_HOOK', version: null } },
      downtime: { seconds: 0, reason: 'the new release is healthy before it gets traffic' },
      rehearsal: null,
      estimate: null,
      refusals: [],
    },
  ],
};

export const WAITING: DeploymentStatus = {
  pause: null,
  app: 'shop',
  version: '1.2.0',
  deployment: 'deploy/shop',
  run: '0193c1de-77aa-7c3e-9d5e-1a2b3c4d5e6f',
  kind: 'deploy',
  requester: 'ana',
  startedAt: '2026-11-23T14:00:00.000Z',
  phase: 'approval',
  environment: 'production',
  step: 'wait for approval',
  outcome: null,
  reason: null,
  waitingFor: {
    kind: 'approval',
    digest: PLAN.digest,
    deadline: '2026-11-24T14:02:30.000Z',
    then: 'it is rejected, and staging stays as it is',
    answer: `mvca approve shop --digest ${PLAN.digest}`,
    from: ['bo'],
    needs: 1,
    given: 0,
  },
  releases: [
    {
      environment: 'production',
      release: 'shop-1.1.0-a1b2c3',
      version: '1.1.0',
      artifact: 'sha256:a1b2c3',
      weight: 100,
      measured: 100,
      state: 'running',
    },
  ],
  wayBack: { open: true, reason: '1.1.0 is kept and runs', closes: null },
  why: null,
  eta: null,
  messages: [
    {
      at: '2026-11-23T14:02:40.000Z',
      id: null,
      kind: 'approve',
      from: 'ana',
      accepted: false,
      reason: 'ana asked for this deployment; somebody else must decide (approval.requester: may-not)',
    },
  ],
  phases: [
    { phase: 'validate', state: 'succeeded', startedAt: '2026-11-23T14:00:00.000Z', seconds: 9.4, summary: '42 tests' },
    { phase: 'build', state: 'succeeded', startedAt: '2026-11-23T14:00:09.400Z', seconds: 12.1, summary: 'built' },
    { phase: 'staging', state: 'succeeded', startedAt: '2026-11-23T14:00:21.500Z', seconds: 128, summary: 'healthy' },
    {
      phase: 'approval',
      state: 'running',
      startedAt: '2026-11-23T14:02:29.500Z',
      seconds: null,
      summary: 'waits for bo',
    },
    { phase: 'production', state: 'waiting', startedAt: null, seconds: null, summary: '' },
    { phase: 'watch', state: 'waiting', startedAt: null, seconds: null, summary: '' },
  ],
  steps: [
    {
      sequence: 1,
      at: '2026-11-23T14:00:00.100Z',
      phase: 'validate',
      environment: null,
      step: 'snapshot',
      state: 'succeeded',
      summary: '214 files of commit 3f2c1a9',
    },
    {
      sequence: 2,
      at: '2026-11-23T14:00:09.400Z',
      phase: 'validate',
      environment: null,
      step: 'tests',
      state: 'succeeded',
      summary: '42 tests passed',
    },
  ],
  warnings: [],
  plan: PLAN,
  snapshot: {
    digest: 'sha256:90a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f',
    inputs: 'sha256:7c1d0f3a55e1',
    version: '1.2.0',
    commit: '3f2c1a9d0b7e6a5c4d3e2f1a0b9c8d7e6f5a4b3c',
    tag: 'v1.2.0',
    dirty: false,
    files: 214,
    bytes: 1_480_221,
    warnings: [],
  },
  artifact: {
    digest: 'sha256:c0ffee11c0ffee22c0ffee33c0ffee44c0ffee55c0ffee66c0ffee77c0ffee88',
    inputs: 'sha256:7c1d0f3a55e1',
    kind: 'tar',
    files: 1_902,
    bytes: 9_330_122,
    built: true,
    seconds: 12.1,
    warnings: [],
  },
  gates: [
    {
      gate: 'tests',
      environment: null,
      verdict: 'passed',
      summary: '42 tests passed, coverage 91 %',
      findings: [
        { id: 'coverage', verdict: 'passed', message: 'lines 91 %, limit 70 % (coverage-summary.json)', remedy: null },
      ],
      seconds: 8.2,
    },
  ],
  watches: [],
  diagnosis: null,
  failures: [],
  unfinished: [],
  report: null,
};

/** 1.2.0 answers 12 % of all requests with 500, and goes back. */
export const ROLLED_BACK: DeploymentStatus = {
  ...WAITING,
  phase: 'watch',
  step: 'undo',
  outcome: 'rolled-back',
  reason: 'the new release is worse than allowed',
  waitingFor: null,
  why: {
    measure: 'errors',
    value: '11.8 %',
    limit: '1 %; evidence 8.2, alarm at 7.0',
    samples: '47 of 398 answers',
    source: 'router',
  },
  messages: [
    ...WAITING.messages,
    { at: '2026-11-23T14:03:10.000Z', id: null, kind: 'approve', from: 'bo', accepted: true, reason: '1 of 1' },
  ],
  releases: [
    ...WAITING.releases,
    {
      environment: 'production',
      release: 'shop-1.2.0-d4e5f6',
      version: '1.2.0',
      artifact: 'sha256:c0ffee11',
      weight: 0,
      measured: null,
      state: 'stopped',
    },
  ],
  phases: [
    ...WAITING.phases.slice(0, 3),
    { phase: 'approval', state: 'succeeded', startedAt: '2026-11-23T14:02:29.500Z', seconds: 40.5, summary: 'bo' },
    { phase: 'production', state: 'undone', startedAt: '2026-11-23T14:03:10.000Z', seconds: 4.2, summary: 'undone' },
    { phase: 'watch', state: 'failed', startedAt: '2026-11-23T14:03:14.200Z', seconds: 6.1, summary: 'unhealthy' },
  ],
  steps: [
    ...WAITING.steps,
    {
      sequence: 3,
      at: '2026-11-23T14:03:14.000Z',
      phase: 'production',
      environment: 'production',
      step: 'shift',
      state: 'succeeded',
      summary: '100 % on 1.2.0',
    },
    {
      sequence: 4,
      at: '2026-11-23T14:03:20.300Z',
      phase: 'watch',
      environment: 'production',
      step: 'watch',
      state: 'failed',
      summary: 'errors 11.8 %',
    },
    {
      sequence: 5,
      at: '2026-11-23T14:03:21.000Z',
      phase: 'production',
      environment: 'production',
      step: 'shift',
      state: 'undone',
      summary: 'all traffic on 1.1.0',
    },
  ],
  gates: [
    ...WAITING.gates,
    {
      gate: 'environment',
      environment: 'production',
      verdict: 'inconclusive',
      summary: '1 of 4 checks could not be made',
      findings: [
        {
          id: 'service/payments',
          verdict: 'inconclusive',
          message: 'https://payments.example.com/health did not answer within 5 s',
          remedy: 'mvca waive shop --finding service/payments --reason WHY',
        },
      ],
      seconds: 5.1,
    },
  ],
  watches: [
    {
      environment: 'production',
      weight: 3,
      verdict: 'unhealthy',
      reason: 'errors 11.8 % (47 of 398 answers), limit 1 %',
      why: null,
      newRelease: figures({
        requests: 398,
        errors: 47,
        slow: 2,
        p50Ms: 6,
        p95Ms: 18.4,
        clients: 40,
        clientsWithErrors: 31,
      }),
      oldRelease: figures({ requests: 12_041, errors: 3, p50Ms: 5, p95Ms: 17 }),
      real: 398,
      own: 0,
      givenBack: true,
      firstBadAt: Date.parse('2026-11-23T14:03:14.400Z'),
      lastBadAt: Date.parse('2026-11-23T14:03:20.200Z'),
      seconds: 6.1,
    },
  ],
  failures: ['webhook secret://file/shop/HOOK: answered 500, three times'],
  warnings: ['without a lock file the build cannot be repeated'],
};

/** 1.2.0 as a canary that goes bad after 20 good seconds: with its course, its cause and whom it hit. */
export const DIAGNOSED: DeploymentStatus = {
  ...ROLLED_BACK,
  watches: ROLLED_BACK.watches.map((watch) => ({
    ...watch,
    decidedAt: Date.parse('2026-11-23T14:03:20.250Z'),
    givenBackAt: Date.parse('2026-11-23T14:03:20.280Z'),
    seconds: 26,
    series: course(),
  })),
  diagnosis: {
    causes: [
      {
        cause: 'missing-variable',
        confidence: 0.95,
        title: 'the variable STRIPE_WEBHOOK_SECRET is not set',
        count: 47,
        countBefore: 0,
        evidence: [
          {
            source: 'shop-1.2.0-d4e5f6/0',
            at: '2026-11-23T14:03:14.400Z',
            line: 12,
            text: 'Error: STRIPE_WEBHOOK_SECRET is not set',
          },
          {
            source: 'differences',
            at: null,
            text: 'staging has the secret STRIPE_WEBHOOK_SECRET, production does not',
          },
        ],
        remedy: {
          text: 'Give it a value and deploy again.',
          command: 'mvca secrets set shop production STRIPE_WEBHOOK_SECRET',
        },
      },
      {
        cause: 'slow-route',
        confidence: 0.2,
        title: 'POST /cart takes longer than before',
        count: 2,
        countBefore: 1,
        evidence: [],
        remedy: { text: 'Look at what it waits for.' },
      },
    ],
    looked: [{ source: 'shop-1.2.0-d4e5f6', release: 'new', lines: 812, errors: 47 }],
    unexplained: [],
    impact: {
      requests: 398,
      failed: 47,
      clients: 40,
      clientsAffected: 31,
      routes: [{ route: '/webhooks/payment', requests: 48, failed: 47 }],
    },
  },
};

function course(): Series {
  let series = beginSeries(Date.parse('2026-11-23T14:02:54.000Z'), 60_000, true);
  for (let at = 500; at < 26_000; at += 1_000) {
    const errors = at > 20_000 ? 2 : 0;
    series = withSeen(series, {
      at,
      weight: 10,
      newRelease: { requests: 11, errors, p95Ms: 18 },
      oldRelease: { requests: 90, errors: 0, p95Ms: 17 },
    });
  }
  return series;
}
