/** Deployments with the durations of production: hours are passed on a server that can skip them, and read from the times of its events. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { EnvironmentSpec, Spec } from '../../domain/spec/spec';
import type { Tier } from '../../domain/words';
import { request, type Running } from '../support/deploying';
import { removeScratch, scratch } from '../support/scratch';
import { createSkippingBench, type SkippingBench } from '../support/skipping';
import { environmentSpec, spec } from '../support/specs';

jest.setTimeout(360_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Virtual time goes on with the clock on the wall while something runs. */
const SLACK = 30_000;
/** The workflow's time is that at which its task began, a little before what it asked for was written down. */
const LAG = 1_000;

let bench: SkippingBench;
beforeEach(async () => {
  bench = await createSkippingBench();
});
afterEach(async () => bench.stop());
afterAll(removeScratch);

const { EventType } = temporal.api.enums.v1;

interface Event {
  readonly type: number;
  readonly at: number;
  readonly raw: temporal.api.history.v1.IHistoryEvent;
}

async function eventsOf(handle: WorkflowHandle): Promise<readonly Event[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).map((raw) => ({
    type: raw.eventType ?? 0,
    at: Number(raw.eventTime?.seconds ?? 0) * 1_000 + (raw.eventTime?.nanos ?? 0) / 1e6,
    raw,
  }));
}

const first = (events: readonly Event[], type: number): Event => {
  const found = events.find((event) => event.type === type);
  if (found === undefined) throw new Error(`there is no event ${EventType[type] ?? type}`);
  return found;
};

/** Milliseconds that each watch took, from its start to its end. */
function watches(events: readonly Event[]): readonly number[] {
  return events.flatMap(({ raw: { eventId, activityTaskScheduledEventAttributes: scheduled }, at }) => {
    if (scheduled?.activityType?.name !== 'watchRelease') return [];
    const end = events.find(({ raw }) =>
      eventId?.equals(raw.activityTaskCompletedEventAttributes?.scheduledEventId ?? 0),
    );
    return end === undefined ? [] : [end.at - at];
  });
}

/** Staging without approval and production with one. All waits are as specs have them by default, but watches are of a minute. */
function shop(app: string, change: (environment: EnvironmentSpec) => Partial<EnvironmentSpec> = () => ({})): Spec {
  const watch = { ...environmentSpec().watch, forMs: MINUTE };
  const environments = [environmentSpec({ name: 'staging', approval: null, watch }), environmentSpec({ watch })];
  return spec({ app, environments: environments.map((each) => ({ ...each, secrets: {}, ...change(each) })) });
}

const unapproved = (app: string): Spec => shop(app, () => ({ approval: null }));

const begin = (of: Spec, version: string): Promise<Running> =>
  bench.start(request(of, { version, directory: scratch() }));

async function deployed(of: Spec, version: string): Promise<Running> {
  const running = await begin(of, version);
  expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
  return running;
}

/** From the records: a query that comes while the workflow is at work costs events of its own. */
async function digestAskedFor(app: string): Promise<string> {
  for (;;) {
    const asked = bench.world.audited(app).find(({ action }) => action === 'waiting');
    if (asked !== undefined) return String(asked.facts['digest']);
    await sleep(10);
  }
}

const waiting = (running: Running) => running.until(({ waitingFor }) => waitingFor !== null);

/** Not before its time, and soon after it. */
function expectAfter(took: number, expected: number): void {
  expect(took).toBeGreaterThanOrEqual(expected - LAG);
  expect(took).toBeLessThan(expected + SLACK);
}

describe('an approval', () => {
  test.each([
    ['keep', '2.0.0'],
    ['undo', '1.0.0'],
  ] as const)(
    'that nobody gives in 24 hours is a no, and staging is as the spec says: %s',
    async (onRejected, left) => {
      const app = `deadline-${onRejected}`;
      await deployed(unapproved(app), '1.0.0');
      const of = shop(app, ({ approval }) => ({ approval: approval && { ...approval, onRejected } }));
      const running = await begin(of, '2.0.0');
      const { waitingFor } = await waiting(running);
      await bench.pass(24 * HOUR - MINUTE);
      expect((await running.status()).waitingFor).toEqual(waitingFor);
      await bench.pass(2 * MINUTE);
      expect(await running.result()).toMatchObject({ outcome: 'rejected', failure: 'ApprovalDeadline' });
      const events = await eventsOf(running.handle);
      const over = first(events, EventType.EVENT_TYPE_TIMER_FIRED).at;
      expectAfter(over - first(events, EventType.EVENT_TYPE_TIMER_STARTED).at, 24 * HOUR);
      expectAfter(over, Date.parse(waitingFor?.deadline ?? ''));
      expectAfter(first(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED).at, over);
      expect(bench.world.serves(app, 'staging')).toBe(left);
      expect(bench.world.serves(app, 'production')).toBe('1.0.0');
      const ends = bench.world.audited(app).filter(({ action }) => action === 'outcome');
      expect(ends.at(-1)).toMatchObject({ facts: { outcome: 'rejected' } });
    },
  );

  test('after 23 hours still counts', async () => {
    const running = await begin(shop('late'), '1.0.0');
    const { waitingFor } = await waiting(running);
    await bench.pass(23 * HOUR);
    await running.handle.signal('approve', { by: 'bo', digest: waitingFor?.digest });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const events = await eventsOf(running.handle);
    const answered = first(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED).at;
    expectAfter(answered - first(events, EventType.EVENT_TYPE_TIMER_STARTED).at, 23 * HOUR);
    expect(events.map(({ type }) => type)).not.toContain(EventType.EVENT_TYPE_TIMER_FIRED);
    expect((await running.status()).messages).toMatchObject([{ from: 'bo', accepted: true }]);
    expect(bench.world.serves('late', 'production')).toBe('1.0.0');
  });
});

describe('a phase', () => {
  test('that takes longer than 19 of 20 before is told of when it does, once', async () => {
    bench.world.took.set('watch', [10, 11, 12, 13, 14]);
    const running = await deployed(unapproved('slow'), '1.0.0');
    const warning = 'watch takes longer than 19 of 20 before: over 14 s (from 5 before)';
    expect((await running.status()).warnings).toContain(warning);
    const told = bench.world.audited('slow').filter(({ action }) => action === 'phase.late');
    expect(told.map(({ summary }) => summary)).toEqual([warning]);
  });

  test('that takes as long as before is not told of', async () => {
    bench.world.took.set('watch', [100, 110, 120, 130, 140]);
    expect((await (await deployed(unapproved('usual'), '1.0.0')).status()).warnings.join()).not.toContain(
      'takes longer',
    );
  });
});

describe('a watch', () => {
  test('of 10 minutes lasts as long, and leaves no more events than one of 5 seconds', async () => {
    const watched = async (forMs: number): Promise<readonly Event[]> => {
      const of = shop(`watch-${forMs}`, ({ watch }) => ({ approval: null, watch: { ...watch, forMs } }));
      await deployed(of, '1.0.0');
      return eventsOf((await deployed(of, '2.0.0')).handle);
    };
    const [long, short] = [await watched(10 * MINUTE), await watched(5_000)];
    for (const took of watches(long)) expectAfter(took, 10 * MINUTE);
    for (const took of watches(short)) expectAfter(took, 5_000);
    expect([watches(long).length, watches(short).length]).toEqual([2, 2]);
    expect(long.length).toBeLessThanOrEqual(300);
    expect(withoutWorkflowTasks(long)).toEqual(withoutWorkflowTasks(short));
  });

  test('and all else of a whole default deployment, with approval and rehearsal, leave at most 300 events', async () => {
    await deployed(unapproved('whole'), '1.0.0');
    const running = await begin(
      shop('whole', ({ name }) => ({ rehearse: name === 'staging' })),
      '2.0.0',
    );
    await running.handle.signal('approve', { by: 'bo', digest: await digestAskedFor('whole') });
    expect(await running.result()).toMatchObject({ outcome: 'succeeded' });
    const events = await eventsOf(running.handle);
    expect(watches(events)).toHaveLength(4);
    expect(events.length).toBeLessThanOrEqual(300);
  });

  test('that stays inconclusive is prolonged once, waits for a waiver until its deadline, and is rolled back then', async () => {
    await deployed(unapproved('silent'), '1.0.0');
    bench.world.verdicts.set('silent/production', 'inconclusive');
    const of = shop('silent', ({ watch }) => ({
      approval: null,
      watch: { ...watch, forMs: 10 * MINUTE, deadlineMs: HOUR },
    }));
    const running = await begin(of, '2.0.0');
    const { waitingFor } = await waiting(running);
    expect(await running.result()).toMatchObject({ outcome: 'rolled-back', failure: 'WatchInconclusive' });
    const events = await eventsOf(running.handle);
    const [, once = 0, prolonged = 0, held = 0] = watches(events);
    expectAfter(once, 10 * MINUTE);
    expectAfter(prolonged, 10 * MINUTE);
    expectAfter(held, HOUR);
    expectAfter(
      first(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED).at,
      Date.parse(waitingFor?.deadline ?? ''),
    );
    expect(bench.world.serves('silent', 'production')).toBe('1.0.0');
    expect(bench.world.kept('silent', 'production')).toEqual(['1.0.0']);
  });
});

test('an undo that hangs is given up in its time, and what is left is named with the command that finishes it', async () => {
  const of = unapproved('hanging');
  await deployed(of, '1.0.0');
  bench.world.verdicts.set('hanging/production', 'unhealthy');
  bench.world.stuck.add('hanging/production');
  const running = await begin(of, '2.0.0');
  const { wayBack, steps } = await running.until((status) => status.wayBack.closes !== null);
  expect(wayBack).toMatchObject({ open: true, reason: expect.stringMatching(/it is being undone/) as string });
  expect(await running.result()).toMatchObject({ outcome: 'rollback-failed', failure: 'Unhealthy' });
  const status = await running.status();
  const release = bench.world.named('hanging', 'production', '2.0.0') ?? '';
  expect(status.unfinished).toEqual([
    {
      environment: 'production',
      step: 'start',
      release,
      does: `stop ${release}`,
      error: 'not done within 2m, and given up',
      now: 'is running and has 0 % of the traffic',
      command: `mvca retire hanging ${release} --environment production`,
    },
  ]);
  expect(status.failures).toEqual([expect.stringContaining('finish it with: mvca retire hanging')]);
  const at = (state: string): number => Date.parse(status.steps.findLast((step) => step.state === state)?.at ?? '');
  expectAfter(at('failed') - at('undone'), 2 * MINUTE);
  expect(at('failed')).toBeLessThanOrEqual(Date.parse(wayBack.closes ?? '') + SLACK);
  expect(steps.length).toBeLessThan(status.steps.length);
  expect(bench.world.serves('hanging', 'production')).toBe('1.0.0');

  bench.world.stuck.clear();
  const [, production] = of.environments;
  const asked = { app: 'hanging', environment: { ...production, retire: { afterMs: 0 } }, release };
  const options = { taskQueue: 'control', workflowId: `retire/hanging/production/${release}`, args: [asked] };
  const retiring = await bench.client.workflow.start('retire', options);
  await bench.passToTheEndOf([retiring], MINUTE);
  expect(await retiring.result()).toBe('stopped');
  expect(bench.world.kept('hanging', 'production')).toEqual(['1.0.0']);
});

describe('an old release', () => {
  const retirement = (app: string, environment: Tier, version: string): WorkflowHandle =>
    bench.client.workflow.getHandle(`retire/${app}/${environment}/${bench.world.named(app, environment, version)}`);

  test('is kept for 24 hours, and stopped then', async () => {
    const of = unapproved('retiring');
    await deployed(of, '1.0.0');
    await deployed(of, '2.0.0');
    const retiring = retirement('retiring', 'production', '1.0.0');
    const all = [retiring, retirement('retiring', 'staging', '1.0.0')];
    await bench.pass(24 * HOUR - MINUTE);
    expect(bench.world.kept('retiring', 'production')).toEqual(['2.0.0', '1.0.0']);
    await bench.passToTheEndOf(all, 2 * MINUTE);
    expect(await Promise.all(all.map((each) => each.result()))).toEqual(['stopped', 'stopped']);
    const events = await eventsOf(retiring);
    const over = first(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED).at;
    expectAfter(over - first(events, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED).at, 24 * HOUR);
    expect(bench.world.kept('retiring', 'production')).toEqual(['2.0.0']);
    expect(bench.world.serves('retiring', 'production')).toBe('2.0.0');
  });

  test('that serves again after a rollback is left alone, and the one that was left is stopped in its place', async () => {
    const of = unapproved('returned');
    const production = of.environments[1] as EnvironmentSpec;
    await deployed(of, '1.0.0');
    await deployed(of, '2.0.0');
    const old = retirement('returned', 'production', '1.0.0');
    await bench.pass(12 * HOUR);
    const asked = { app: 'returned', notify: [], to: null, requester: 'ana', reason: 'slow' };
    const back = await bench.rollback({ ...asked, environment: production });
    expect(await back.result()).toMatchObject({ outcome: 'succeeded', version: '1.0.0' });
    const left = retirement('returned', 'production', '2.0.0');
    await bench.passToTheEndOf([old, retirement('returned', 'staging', '1.0.0')], 12 * HOUR);
    expect(await old.result()).toBe('serves again');
    expect(bench.world.kept('returned', 'production').toSorted()).toEqual(['1.0.0', '2.0.0']);
    await bench.passToTheEndOf([left], 12 * HOUR + MINUTE);
    expect(await left.result()).toBe('stopped');
    expect(bench.world.serves('returned', 'production')).toBe('1.0.0');
    expect(bench.world.kept('returned', 'production')).toEqual(['1.0.0']);
  });
});

/** How many events there are of each type; how work falls into workflow tasks is a matter of luck. */
function withoutWorkflowTasks(events: readonly Event[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of events) {
    const name = EventType[type] ?? String(type);
    if (!name.startsWith('EVENT_TYPE_WORKFLOW_TASK')) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('a pause', () => {
  test('that nobody ends before its deadline ends in an abort, and what serves is as before', async () => {
    const of = shop('forgotten', ({ watch }) => ({ approval: null, watch: { ...watch, deadlineMs: HOUR } }));
    await deployed(of, '1.0.0');
    const running = await begin(of, '2.0.0');
    await running.handle.signal('pause', { by: 'ana', reason: 'lunch' });
    const { pause } = await running.until(({ pause: held }) => held?.before != null);
    await bench.pass(HOUR + MINUTE);
    const result = await running.result();
    expect(result).toMatchObject({ failure: 'Aborted', reason: expect.stringContaining(pause?.deadline ?? '?') });
    expect(bench.world.serves('forgotten', 'production')).toBe('1.0.0');
  });
});
