/** Who holds an application's lock, in words. */
import { waitingSentence } from '../domain/reports/sentence';
import { duration } from '../domain/reports/words';
import { AlreadyRunning, EngineUnreachable } from './errors';
import type { Deployment } from './deployment';

/** The error that names version, phase and age of the deployment that runs, and what can be done. */
export async function alreadyRunning(app: string, holder: Deployment | null): Promise<AlreadyRunning> {
  const { words, ways } = await describe(app, holder);
  return new AlreadyRunning(
    `${words}. ${ways}Follow it with \`mvca watch ${app}\`, or undo it with \`mvca abort ${app} --reason WHY\``,
  );
}

interface Described {
  readonly words: string;
  /** What else can be done about it. */
  readonly ways: string;
}

const QUEUE = '`--on-conflict queue` waits in line';

async function describe(app: string, holder: Deployment | null): Promise<Described> {
  if (holder === null) return { words: `a deployment of ${app} is running`, ways: `${QUEUE}. ` };
  try {
    const status = await holder.status();
    const { kind, version, phase, startedAt, requester, waitingFor, supersedable } = status;
    const age = duration((Date.now() - Date.parse(startedAt)) / 1000);
    const what =
      kind === 'rollback'
        ? `a rollback of ${app}${version === '' ? '' : ` to ${version}`}`
        : `${app} ${version}`.trim();
    const waits = waitingFor === null ? '' : `; it ${waitingSentence(waitingFor)}`;
    return {
      words: `${what} is running already: in phase ${phase}, for ${age}, asked for by ${requester}${waits}`,
      ways: supersedable?.accepted
        ? `It has changed nothing in production: \`--on-conflict supersede\` takes its place, ${QUEUE}. `
        : `${QUEUE}. `,
    };
  } catch (error) {
    if (!(error instanceof EngineUnreachable)) throw error;
    const words = `a deployment of ${app} is running already (its worker does not answer now, so its phase is not known)`;
    return { words, ways: `${QUEUE}. ` };
  }
}
