/** Who holds an application's lock, in words. */
import { duration } from '../domain/reports/words';
import { AlreadyRunning, EngineUnreachable } from './errors';
import type { Deployment } from './deployment';

/** The error that names version, phase and age of the deployment that runs, and what can be done. */
export async function alreadyRunning(app: string, holder: Deployment | null): Promise<AlreadyRunning> {
  return new AlreadyRunning(
    `${await describe(app, holder)}. Follow it with \`mvca watch ${app}\`, or undo it with \`mvca abort ${app} --reason WHY\``,
  );
}

async function describe(app: string, holder: Deployment | null): Promise<string> {
  if (holder === null) return `a deployment of ${app} is running`;
  try {
    const { kind, version, phase, startedAt, requester } = await holder.status();
    const age = duration((Date.now() - Date.parse(startedAt)) / 1000);
    const what =
      kind === 'rollback'
        ? `a rollback of ${app}${version === '' ? '' : ` to ${version}`}`
        : `${app} ${version}`.trim();
    return `${what} is running already: in phase ${phase}, for ${age}, asked for by ${requester}`;
  } catch (error) {
    if (!(error instanceof EngineUnreachable)) throw error;
    return `a deployment of ${app} is running already (its worker does not answer now, so its phase is not known)`;
  }
}
