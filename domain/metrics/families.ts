/** What the router of an application and environment tells monitoring systems. The names stand in `docs/metrics.md`, and stay. */
import type { ReleaseFigures, RouterState } from '../host/router';
import type { InstanceStatus, RunnerState } from '../host/runner';
import { bucketOf, valueOf, type Histogram } from '../histogram';
import { countersOf, sharesSince } from '../judge/readings';
import type { Family, Sample } from './exposition';

type Labels = Readonly<Record<string, string>>;

/** A release, and what its runner says; null: it does not answer. */
export interface RunnerReading {
  readonly release: string;
  readonly state: RunnerState | null;
}

export interface Readings {
  readonly router: RouterState;
  readonly runners: readonly RunnerReading[];
}

/** Upper bounds of the latency's buckets, in seconds, as they are written. */
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1.0', '2.5', '5.0', '10.0', '30.0', '60.0'];
const MICROS = 1_000_000;

/** Every family, in a fixed order. Shares and weights are between 0 and 1, times in seconds. */
export function familiesOf({ router, runners }: Readings): readonly Family[] {
  const { app, environment, weights, lease } = router.table;
  const place: Labels = { app, environment };
  const of = (release: string): Labels => ({ ...place, release });
  const releases = Object.entries(router.figures).map(([name, figures]) => ({ labels: of(name), figures }));
  const shares = sharesSince(router, null);
  const percents = (by: Readonly<Record<string, number>>): Sample[] =>
    Object.entries(by).map(([release, percent]) => ({ labels: of(release), value: percent / 100 }));
  const left = lease === null ? [] : [{ labels: place, value: Math.max(0, (lease.until - router.now) / 1_000) }];
  return [
    gauge('mvca_router_listening', 'Whether the router has its address (1) or another process holds it (0).', [
      { labels: place, value: Number(router.listening) },
    ]),
    ...connectionFamilies(router, place),
    ...trafficFamilies(releases),
    gauge('mvca_weight_ratio', 'Share of the traffic that was set.', percents(weights)),
    gauge('mvca_share_ratio', 'Share of the requests since the weights last changed.', percents(shares)),
    gauge('mvca_lease_seconds', 'Seconds until the traffic goes back by itself; absent without a lease.', left),
    ...runnerFamilies(runners, of),
  ];
}

/** A router of an older version does not count them. */
function connectionFamilies({ connections }: RouterState, place: Labels): Family[] {
  if (connections === undefined) return [];
  const { open, refused } = connections;
  return [
    gauge('mvca_router_connections', 'Connections of clients that are open.', [{ labels: place, value: open }]),
    counter('mvca_router_refused_connections', 'Connections that were refused: too many, or too many of one address.', [
      { labels: place, value: refused },
    ]),
  ];
}

interface Served {
  readonly labels: Labels;
  readonly figures: ReleaseFigures;
}

function trafficFamilies(releases: readonly Served[]): Family[] {
  const each = (read: (figures: ReleaseFigures) => number): Sample[] =>
    releases.map(({ labels, figures }) => ({ labels, value: read(figures) }));
  const by = (label: string, read: (figures: ReleaseFigures) => Readonly<Record<string, number>>): Sample[] =>
    releases.flatMap(({ labels, figures }) =>
      Object.entries(read(figures)).map(([name, value]) => ({ labels: { ...labels, [label]: name }, value })),
    );
  return [
    counter(
      'mvca_requests',
      'Requests routed to the release.',
      each(({ requests }) => requests),
    ),
    counter('mvca_answers', 'Answers of its instances by class of status.', by('class', classes)),
    counter('mvca_unanswered', 'Requests that got no whole answer, by reason.', by('reason', unanswered)),
    counter('mvca_errors', 'Answers 5xx, and requests without an answer by the fault of the release.', each(errorsOf)),
    counter(
      'mvca_slow_answers',
      'Answers slower than watch.response.',
      each(({ slow }) => slow),
    ),
    gauge(
      'mvca_requests_in_flight',
      'Requests in flight, streams included.',
      each(({ inFlight }) => inFlight),
    ),
    gauge(
      'mvca_streams',
      'WebSockets and event streams that are open.',
      each(({ streams }) => streams),
    ),
    {
      name: 'mvca_latency_seconds',
      type: 'histogram',
      unit: 'seconds',
      help: 'Time to the last byte of an answer, of a stream to its first; within 1.6 %.',
      samples: releases.flatMap(({ labels, figures }) => buckets(labels, figures.latency)),
    },
    gauge(
      'mvca_clients',
      'Distinct clients seen, estimated.',
      each(({ clients }) => clients),
    ),
    gauge(
      'mvca_clients_with_errors',
      'Of these the ones that saw an error.',
      each((each) => each.clientsWithErrors),
    ),
  ];
}

function classes({ statuses }: ReleaseFigures): Record<string, number> {
  const counts: Record<string, number> = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
  for (const [status, count] of Object.entries(statuses)) {
    const name = `${status.charAt(0)}xx`;
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

const unanswered = ({ connectErrors, resets, timeouts, gaveUp = 0, clientAborts }: ReleaseFigures) => ({
  connect: connectErrors,
  reset: resets,
  timeout: timeouts,
  gave_up: gaveUp,
  client: clientAborts,
});

const errorsOf = (figures: ReleaseFigures): number => countersOf(figures, []).errors;

function buckets(labels: Labels, { counts, total }: Histogram): Sample[] {
  const entries = Object.entries(counts).map(([bucket, count]) => [Number(bucket), count] as const);
  const upTo = (bound: string): number => {
    const last = bucketOf(Number(bound) * MICROS);
    return entries.reduce((sum, [bucket, count]) => (bucket <= last ? sum + count : sum), 0);
  };
  const sum = entries.reduce((all, [bucket, count]) => all + (valueOf(bucket) * count) / MICROS, 0);
  return [
    ...BOUNDS.map((le): Sample => ({ part: 'bucket', labels: { ...labels, le }, value: upTo(le) })),
    { part: 'bucket', labels: { ...labels, le: '+Inf' }, value: total },
    { part: 'sum', labels, value: sum },
    { part: 'count', labels, value: total },
  ];
}

function runnerFamilies(runners: readonly RunnerReading[], of: (release: string) => Labels): Family[] {
  const known = runners.flatMap(({ state }) => state ?? []);
  const each = (read: (instance: InstanceStatus) => number | null): Sample[] =>
    known.flatMap(({ release, instances }) =>
      instances.flatMap((status) => {
        const value = read(status);
        return value === null ? [] : [{ labels: { ...of(release), instance: String(status.instance) }, value }];
      }),
    );
  return [
    {
      name: 'mvca_release',
      type: 'info',
      help: 'Version and artifact of the release.',
      samples: known.map(({ release, version, artifact }) => ({
        labels: { ...of(release), version, artifact },
        value: 1,
      })),
    },
    gauge(
      'mvca_runner_up',
      'Whether the runner of the release answers.',
      runners.map(({ release, state }) => ({ labels: of(release), value: state === null ? 0 : 1 })),
    ),
    gauge(
      'mvca_instance_up',
      'Whether the instance runs.',
      each(({ state }) => Number(state === 'running')),
    ),
    gauge(
      'mvca_instance_cpu_ratio',
      'CPU over the last second, of one core.',
      each(({ cpu }) => cpu),
    ),
    gauge(
      'mvca_instance_memory_bytes',
      'Resident memory.',
      each(({ memoryBytes }) => memoryBytes),
    ),
    counter(
      'mvca_instance_restarts',
      'Starts after an exit.',
      each(({ restarts }) => restarts),
    ),
    gauge(
      'mvca_instance_start_time_seconds',
      'When the instance was started, in seconds since 1970.',
      each(({ startedAt }) => startedAt && startedAt / 1_000),
    ),
  ];
}

const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: 'counter',
  help,
  samples,
});

/** Its unit, where it has one, is the last part of its name. */
function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  const unit = (['seconds', 'bytes', 'ratio'] as const).find((each) => name.endsWith(`_${each}`));
  return { name, type: 'gauge', ...(unit && { unit }), help, samples };
}
