/** Reads for the CLI: the same activities as deployments use, so that the answer is what a deployment would see. */
import type { InspectQuery } from './messages';
import { keptOr } from './steps/admit';
import { factsOf } from './steps/validate';
import { inspectProblem } from '../domain/requests/problem';
import { refuse } from './support/failure';
import { call, callIn } from './support/proxies';

export async function inspect(query: InspectQuery): Promise<unknown> {
  refuse(inspectProblem(query));
  switch (query.kind) {
    case 'environments':
      return Promise.all(query.environments.map((environment) => factsOf(query.app, environment)));
    case 'diagnose': {
      const { app, release } = query.request;
      const { environment } = await keptOr(app, { ...query.request, notify: [] });
      return callIn(environment.name, 'diagnoseRelease', `how is ${release}`)({ ...query.request, environment });
    }
    case 'machine':
      return callIn('production', 'readMachine', 'what runs and serves on this machine')({ app: query.app });
    case 'freeze-standing':
      return call('freezeStanding', 'is production frozen?')({ app: query.app, known: null });
    default:
      return call('inspectRecords', `read ${query.kind}`)(query);
  }
}
