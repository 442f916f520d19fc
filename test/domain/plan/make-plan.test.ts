import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { makePlan, type PlanFacts, type PlanInput } from '../../../domain/plan/make-plan';
import type { EnvironmentSpec } from '../../../domain/spec/spec';
import { environmentSpec, releaseStatus, spec } from '../../support/specs';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const facts = (environment: 'staging' | 'production', change: Partial<PlanFacts> = {}): PlanFacts => ({
  environment,
  releases: [releaseStatus('1.0.0-a')],
  weights: { '1.0.0-a': 100 },
  lease: null,
  secretVersions: { SESSION_KEY: '1' },
  refusals: [],
  ...change,
});

const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  spec: spec(),
  to: 'production',
  snapshot: { version: '1.1.0', inputs: 'sha256:in' },
  facts: [facts('staging'), facts('production')],
  history: {},
  sha256,
  ...change,
});

const withProduction = (change: Partial<EnvironmentSpec>): PlanInput =>
  input({
    spec: spec({ environments: [environmentSpec({ name: 'staging', approval: null }), environmentSpec(change)] }),
  });

describe('the plan', () => {
  test('has the same digest for the same input, whatever the history says', () => {
    const again = makePlan(input({ history: { production: [60], watch: [600] } }));
    expect(again.digest).toBe(makePlan(input()).digest);
    expect(again.environments[1]?.estimate).toEqual({ medianMinutes: 11, p90Minutes: 11, from: 1 });
  });

  const changes: [string, PlanInput][] = [
    ['the artifact', input({ snapshot: { version: '1.1.0', inputs: 'sha256:other' } })],
    ['the version', input({ snapshot: { version: '1.1.1', inputs: 'sha256:in' } })],
    ['a variable', withProduction({ variables: { LOG_LEVEL: 'debug' } })],
    ['a reference of a secret', withProduction({ secrets: { SESSION_KEY: 'secret://env/SESSION_KEY' } })],
    [
      'a version of a secret',
      input({ facts: [facts('staging'), facts('production', { secretVersions: { SESSION_KEY: '2' } })] }),
    ],
    [
      'the approvers',
      withProduction({ approval: { from: ['ana'], needs: 1, deadlineMs: 1, requester: 'may', onRejected: 'keep' } }),
    ],
    ['the watch', withProduction({ watch: { ...environmentSpec().watch, forMs: 1 } })],
    ['the number of instances', withProduction({ platform: { ...environmentSpec().platform, instances: 3 } })],
    [
      'the release to go back to',
      input({
        facts: [
          facts('staging'),
          facts('production', { releases: [releaseStatus('0.9.0-b')], weights: { '0.9.0-b': 100 } }),
        ],
      }),
    ],
    ['the last environment', input({ to: 'staging' })],
  ];
  test.each(changes)('has another digest when %s changes', (_what, changed) => {
    expect(makePlan(changed).digest).not.toBe(makePlan(input()).digest);
  });

  test('has a digest that does not depend on the order in which variables are written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string(), { maxKeys: 6 }), (variables) => {
        const reversed = Object.fromEntries(Object.entries(variables).reverse());
        expect(makePlan(withProduction({ variables: reversed })).digest).toBe(
          makePlan(withProduction({ variables })).digest,
        );
      }),
    );
  });

  test('names the release that it would go back to, and each step with its undo', () => {
    const production = makePlan(input()).environments[1];
    expect(production?.target?.release).toBe('1.0.0-a');
    expect(production?.wayBack).toBe('to 1.0.0 (1.0.0-a), which stays warm');
    expect(production?.steps.map(({ name, undo }) => [name, undo])).toEqual([
      ['start', 'stop the new release'],
      ['smoke', null],
      ['shift-100', 'give all traffic back to 1.0.0 (1.0.0-a)'],
      ['watch', null],
      ['prove', null],
    ]);
    expect(production?.downtime.seconds).toBe(0);
    expect(production?.undoWithinMs).toBe(60_000 + 120_000);
    expect(production?.estimate).toBeNull();
  });

  test('says that the first release has no way back', () => {
    const first = makePlan(input({ facts: [facts('staging'), facts('production', { releases: [], weights: {} })] }))
      .environments[1];
    expect(first?.target).toBeNull();
    expect(first?.wayBack).toMatch(/first release/);
    expect(first?.steps.find(({ name }) => name === 'shift-100')?.undo).toBe('stop serving');
  });

  test('goes back to the fallback of a lease, not to the unproven release that has the traffic now', () => {
    const leased = facts('production', {
      releases: [releaseStatus('1.0.0-a'), releaseStatus('1.0.5-x', { proven: false })],
      weights: { '1.0.5-x': 100 },
      lease: { fallback: { '1.0.0-a': 100 } },
    });
    expect(makePlan(input({ facts: [facts('staging'), leased] })).environments[1]?.target?.release).toBe('1.0.0-a');
  });

  test('refuses blue-green where the port is fixed in the code, and says what would work', () => {
    const fixed = { ...environmentSpec().platform, instances: 1, port: { fixed: 3000 } };
    expect(makePlan(withProduction({ platform: fixed })).environments[1]?.refusals.join()).toMatch(
      /port: 3000.*What would work.*PORT/,
    );
    expect(makePlan(withProduction({ platform: { ...fixed, singleton: true } })).environments[1]?.refusals).toEqual([]);
  });

  describe('of a canary', () => {
    const canary = { kind: 'canary', steps: [10, 50, 100], eachMs: 120_000, onInsufficient: 'hold' } as const;
    const names = (given: PlanInput): readonly string[] =>
      makePlan(given).environments[1]?.steps.map(({ name }) => name) ?? [];

    test('shifts and watches share by share, and watches all of the traffic in the end', () => {
      const given = withProduction({ strategy: canary, smoke: [] });
      expect(names(given).filter((name) => name !== 'integration')).toEqual([
        'start',
        'shift-10',
        'watch-10',
        'shift-50',
        'watch-50',
        'scale-100',
        'shift-100',
        'watch',
        'prove',
      ]);
      const step = makePlan(given).environments[1]?.steps.find(({ name }) => name === 'watch-10');
      expect(step?.does).toMatch(/watch for 2m: against the old release.*then a person is waited for/);
    });

    test('has no smaller shares for a first release, and says so', () => {
      const first = facts('production', { releases: [], weights: {} });
      const given = { ...withProduction({ strategy: canary }), facts: [facts('staging'), first] };
      expect(names(given).filter((name) => /shift|watch/.test(name))).toEqual(['shift-100', 'watch']);
      expect(JSON.stringify(makePlan(given))).toContain('it is the first release, so there is no smaller share before');
    });

    test('is refused where two releases cannot stand side by side', () => {
      const platform = { ...environmentSpec().platform, instances: 1 };
      const refusals = (change: Partial<typeof platform>): string =>
        makePlan(
          withProduction({ strategy: canary, platform: { ...platform, ...change } }),
        ).environments[1]?.refusals.join() ?? '';
      expect(refusals({ singleton: true })).toMatch(/singleton.*What would work: `strategy: blue-green`/);
      expect(refusals({ port: { fixed: 3000 } })).toMatch(/canary runs two releases.*port: 3000.*What would work/);
    });
  });

  describe('where the way back is rehearsed', () => {
    const staging = (change: Partial<EnvironmentSpec> = {}): EnvironmentSpec =>
      environmentSpec({ name: 'staging', approval: null, rehearse: true, ...change });
    const planned = (change: Partial<PlanInput> = {}, of: Partial<EnvironmentSpec> = {}) =>
      makePlan(input({ spec: spec({ environments: [staging(of), environmentSpec()] }), ...change })).environments[0];
    const rehearsed = (change: Partial<PlanInput> = {}): readonly (string | null)[] =>
      planned(change)
        ?.steps.filter(({ name }) => name.startsWith('rehearse'))
        .map(({ undo }) => undo) ?? [];

    test('goes back and forth after the watch and before the proof, a few seconds each', () => {
      expect(planned()?.steps.map(({ name }) => name)).toEqual([
        'start',
        'smoke',
        'shift-100',
        'watch',
        'rehearse-back',
        'rehearse-forth',
        'prove',
      ]);
      expect(planned()?.rehearsal).toMatchObject({ seconds: 10, reason: expect.stringMatching(/^back to 1\.0\.0/) });
      expect(planned({}, { watch: { ...environmentSpec().watch, forMs: 600 } })?.rehearsal?.seconds).toBe(1.2);
      expect(rehearsed()[1]).toBe('give all traffic back to 1.0.0 (1.0.0-a)');
    });

    test('says why not: nothing serves yet, or the old release is broken already, whose fix this may be', () => {
      const first = [facts('staging', { releases: [], weights: {} }), facts('production')];
      expect(planned({ facts: first })?.rehearsal?.reason).toMatch(/nothing serves yet/);
      const broken = [facts('staging', { releases: [releaseStatus('1.0.0-a', { state: 'degraded' })] })];
      const withBroken = [...broken, facts('production')];
      expect(planned({ facts: withBroken })?.rehearsal?.reason).toMatch(/1\.0\.0 \(1\.0\.0-a\) is degraded already/);
      expect([...rehearsed({ facts: first }), ...rehearsed({ facts: withBroken })]).toEqual([]);
    });

    test('has nothing of it in the last environment, nor where nobody asks for it', () => {
      expect(planned({ to: 'staging' })?.rehearsal).toBeNull();
      expect(makePlan(input()).environments.map(({ rehearsal }) => rehearsal)).toEqual([null, null]);
    });
  });

  test('stops the old release of a singleton first, and states the gap', () => {
    const production = makePlan(
      withProduction({ platform: { ...environmentSpec().platform, instances: 1, singleton: true } }),
    ).environments[1];
    expect(production?.steps[0]).toMatchObject({
      name: 'stop-old',
      undo: 'start 1.0.0 (1.0.0-a) again and give it all traffic',
    });
    expect(production?.downtime).toMatchObject({ seconds: null, reason: expect.stringMatching(/gap/) as string });
  });
});

describe('a way back that would help nobody', () => {
  const broken = facts('production', {
    serving: { release: '1.0.0-a', healthy: 0, of: 2, seen: 'answered 503, expected 200' },
  });

  test('is said, refuses nothing, and does not change what is agreed to', () => {
    const plan = makePlan(input({ facts: [facts('staging'), broken] }));
    expect(plan.environments[1]?.badWayBack).toBe(
      'no good way back: 1.0.0 serves, but 2 of 2 instances are unhealthy (answered 503, expected 200); going back would bring that back',
    );
    expect(plan.environments[1]?.refusals).toEqual([]);
    expect(plan.digest).toBe(makePlan(input()).digest);
  });

  test('is not said of a release whose instances are all healthy', () => {
    const healthy = facts('production', { serving: { release: '1.0.0-a', healthy: 2, of: 2, seen: null } });
    const plan = makePlan(input({ facts: [facts('staging'), healthy] }));
    expect(plan.environments[1]).not.toHaveProperty('badWayBack');
  });
});

describe('a version that was rolled back', () => {
  const past: PlanInput['past'] = [
    {
      kind: 'deploy',
      version: '1.1.0',
      outcome: 'rolled-back',
      environments: ['staging', 'production'],
      endedAt: '2026-11-23T14:00:00.000Z',
      requester: 'ana',
      reason: 'errors 12 %',
    },
  ];

  test('is refused with the flag that gives a reason', () => {
    const refusals = makePlan(input({ past })).environments.flatMap((environment) => environment.refusals);
    expect(refusals).toEqual([expect.stringMatching(/^1\.1\.0 was rolled back .*mvca deploy --reason WHY$/)]);
  });

  test('is deployed again with one, which the plan shows', () => {
    const plan = makePlan(input({ past, reason: ' the key is there now ' }));
    expect(plan.environments.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(plan.again).toMatchObject({ reason: 'the key is there now' });
  });

  test('under another name is said, and refused no more', () => {
    const other = past.map((each) => ({ ...each, version: '1.0.9' }));
    const plan = makePlan(input({ past: other }));
    expect(plan.environments.flatMap(({ refusals }) => refusals)).toEqual([]);
    expect(plan.sameSource).toMatch(/^the source of 1\.1\.0 was deployed before, as 1\.0\.9: it was rolled back/);
  });
});
