/** What instances and the router answered: one route that is slow or fails, a health path or a port that is wrong. */
import { percent } from '../../numbers';
import type { RouteFigures } from '../../host/router';
import type { Facts, InstanceAnswer } from '../facts';
import { milliseconds, type FigureCause, type LookAtFigures } from './finding';

const LEAST_ANSWERS = 5;
/** A route is slower than before when it takes so many times as long, and so much longer that somebody waits. */
const TIMES_SLOWER = 3;
const LEAST_SLOWER_MS = 50;
/** A route fails when so many of its answers do, and the others together hardly do. */
const FAILS = 0.01;
const MUCH_MORE = 5;

export const thousands = (value: number): string => Math.round(value).toLocaleString('en');

/** Whether requests ended at the router's time limit. */
export const timedOut = ({ fresh }: Facts): boolean =>
  (fresh.figures?.timeouts ?? 0) + (fresh.figures?.gaveUp ?? 0) > 0;

const meanMs = ({ micros, answers }: RouteFigures): number | null =>
  micros === undefined || answers < LEAST_ANSWERS ? null : micros / answers / 1_000;

/** The route that became slower by most, by the router's own clock. */
export const lookAtSlowRoutes: LookAtFigures = ({ at, fresh, old, slowMs }) => {
  const routes = Object.entries(fresh.figures?.routes ?? {}).flatMap(([route, figures]) => {
    const now = meanMs(figures);
    const known = old?.figures?.routes?.[route];
    const before = known === undefined ? null : meanMs(known);
    if (now === null || !isSlower(now, before, slowMs)) return [];
    return [{ route, now, before, figures }];
  });
  const [worst, ...others] = routes.sort((a, b) => b.now - a.now);
  if (worst === undefined) return [];
  const than = worst.before === null ? '' : `; the old release needs ${milliseconds(worst.before)}`;
  const isOneOfMany = others.length === 0 && Object.keys(fresh.figures?.routes ?? {}).length > 1;
  return [
    {
      cause: 'slow-route',
      confidence: worst.before === null ? 0.5 : isOneOfMany ? 0.75 : 0.65,
      title: `${worst.route} answers slowly: ${milliseconds(worst.now)} on average${worst.before === null ? '' : `, ${milliseconds(worst.before)} before`}`,
      evidence: [worst, ...others.slice(0, 2)].map(({ route, now, figures }) => ({
        source: 'router',
        at,
        text: `${route}: ${milliseconds(now)} on average of ${thousands(figures.answers)} answers${route === worst.route ? than : ''}`,
      })),
      remedy: {
        text: `See what ${worst.route} does that it did not do before: a query without an index, calls one after the other, a service that is waited for.`,
      },
    },
  ];
};

const isSlower = (now: number, before: number | null, slowMs: number): boolean =>
  before === null ? now > slowMs : now > TIMES_SLOWER * before && now - before > LEAST_SLOWER_MS;

/** Errors that come from one route alone say where to look, and not why. */
export const lookAtFailingRoutes: LookAtFigures = ({ at, fresh, old }) => {
  const routes = Object.entries(fresh.figures?.routes ?? {});
  const errors = routes.reduce((sum, [, figures]) => sum + figures.errors, 0);
  const [first] = routes.sort(([, a], [, b]) => b.errors - a.errors);
  if (first === undefined || first[1].errors < 3) return [];
  const [route, figures] = first;
  const share = figures.errors / figures.answers;
  const rest = routes.reduce((sum, [, { answers }]) => sum + answers, 0) - figures.answers;
  const others = errors - figures.errors;
  const before = old?.figures?.routes?.[route];
  const isNew = before === undefined || share > MUCH_MORE * (before.errors / Math.max(1, before.answers));
  if (rest === 0 || share < FAILS || share < (MUCH_MORE * others) / rest || !isNew) return [];
  const of = (count: number, all: number): string => `${thousands(count)} of ${thousands(all)} failed`;
  return [
    {
      cause: 'failing-route',
      confidence: 0.35,
      title: `errors come from ${route}: ${percent(figures.errors, figures.answers)} of its answers fail`,
      evidence: [
        {
          source: 'router',
          at,
          text: `${route}: ${of(figures.errors, figures.answers)}; all other routes: ${of(others, rest)}`,
        },
      ],
      remedy: { text: `See what ${route} does that it did not do before; its errors may stand in \`mvca logs\`.` },
    },
  ];
};

const MISSED = [401, 403, 404, 405];

/** The health check is refused an answer that other paths get. */
export const lookAtHealth: LookAtFigures = ({ at, fresh }) => {
  const missed = fresh.answers.find(({ health }) => health.status !== null && MISSED.includes(health.status));
  if (missed === undefined) return lookAtPort({ at, fresh });
  const { health, root } = missed;
  const rootAnswers = root.status !== null && root.status < 400;
  return [
    {
      cause: 'health-path',
      confidence: rootAnswers ? 0.85 : 0.7,
      title: `the health check asks for ${health.path}, and the application answers ${health.status ?? ''}`,
      evidence: [
        {
          source: 'health check',
          at,
          text: `GET ${health.path}: ${health.status ?? ''}; GET ${root.path}: ${root.status ?? root.code ?? ''}`,
        },
      ],
      remedy: {
        text: `Set \`health: { path: … }\` in deployment.yaml to a path that the application answers, or serve ${health.path} without a login.`,
      },
    },
  ];
};

function lookAtPort({ at, fresh }: Pick<Facts, 'at' | 'fresh'>): readonly FigureCause[] {
  const elsewhere = fresh.answers.find(
    ({ health, listening }) => health.code === 'ECONNREFUSED' && listening !== null && listening.length > 0,
  );
  return elsewhere === undefined ? [] : [wrongPort(elsewhere, at, portOf(fresh, elsewhere.instance))];
}

const portOf = ({ instances }: Facts['fresh'], instance: number): number =>
  instances.find((one) => one.instance === instance)?.port ?? 0;

const wrongPort = ({ instance, listening }: InstanceAnswer, at: string, port: number): FigureCause => {
  const ports = (listening ?? []).join(', ');
  const isOtherHost = listening?.includes(port) === true;
  return {
    cause: 'wrong-port',
    confidence: 0.9,
    title: isOtherHost
      ? `the application listens on port ${port} of another address than it is asked at`
      : `the application listens on port ${ports}, and not on ${port}, which it was given`,
    evidence: [
      { source: 'runner', at, text: `instance ${instance} was given port ${port}; its processes listen on ${ports}` },
      { source: 'health check', at, text: `127.0.0.1:${port} refused the connection` },
    ],
    remedy: {
      text: isOtherHost
        ? 'Listen on 127.0.0.1 or on all addresses.'
        : 'Listen on the port that the variable PORT names; where the application reads another variable, or a fixed port, say so by `platform.port`.',
    },
  };
};
