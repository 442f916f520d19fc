import type { Finding } from '../../../domain/gates/gate';
import type { Plan } from '../../../domain/plan/plan';
import { withStops } from '../../../domain/plan/stops';

const PLAN = {
  digest: 'sha256:plan',
  environments: [
    { environment: 'staging', refusals: [] },
    { environment: 'production', refusals: ['no canary here'] },
  ],
} as unknown as Plan;

const finding = (verdict: Finding['verdict'], message: string, remedy: string | null = null): Finding => ({
  id: message,
  verdict,
  message,
  remedy,
});

test('a plan stops where a gate would surely say no, and says where a person would be asked', () => {
  const findings = [
    finding('passed', 'fine'),
    finding('refused', 'KEY is not set', 'mvca secrets set'),
    finding('inconclusive', 'who knows'),
  ];
  const plan = withStops(PLAN, [
    { environment: 'staging', gate: { findings: [finding('passed', 'fine')] } },
    { environment: 'production', gate: { findings } },
  ]);
  expect(plan).toMatchObject({
    digest: 'sha256:plan',
    environments: [{ refusals: [] }, { refusals: ['no canary here', 'KEY is not set; mvca secrets set'] }],
    warnings: ['production: deploy would wait for a waiver: who knows'],
  });
});

test('a plan that no gate stops is as it was', () => {
  expect(withStops(PLAN, [{ environment: 'staging', gate: { findings: [finding('passed', 'fine')] } }])).toEqual(PLAN);
});
