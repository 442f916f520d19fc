/** The router of one application and environment, as the spec describes it. */
import type { EnvironmentSpec } from '../../domain/spec/spec';
import type { Route } from '../traffic/port';

export const routeOf = ({
  app,
  environment,
}: {
  readonly app: string;
  readonly environment: EnvironmentSpec;
}): Route => ({
  app,
  environment: environment.name,
  listen: environment.traffic.listen,
  slowMs: environment.watch.responseMs,
  drainMs: environment.traffic.drainMs,
  metrics: environment.traffic.metrics ?? null,
  ...(environment.traffic.trust === undefined ? {} : { trust: environment.traffic.trust }),
  ...(environment.traffic.connections === undefined ? {} : { connections: environment.traffic.connections }),
  stickiness: ('stickiness' in environment.strategy ? environment.strategy.stickiness : null) ?? 'none',
});
