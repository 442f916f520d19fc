/** Makes addresses known to the router and sets the weights, under a lease or for good. */
import type { SetWeightsRequest, TrafficFacts } from '../contract';
import { markOf } from '../../domain/judge/readings';
import type { ReleaseDeps } from './deps';
import { onDisk } from './full-disk';
import { routeOf } from './route';

export async function setWeights({ traffic }: ReleaseDeps, request: SetWeightsRequest): Promise<TrafficFacts> {
  const route = routeOf(request);
  const { addresses, weights, lease, isForward = false } = request;
  return onDisk(isForward, async () => {
    await traffic.ensure(route);
    const before = (await traffic.read(route))?.table.weights ?? {};
    const state = await traffic.setWeights(route, { releases: addresses, weights, lease });
    return { before, after: state.table.weights, mark: markOf(state), at: new Date(state.now).toISOString() };
  });
}
