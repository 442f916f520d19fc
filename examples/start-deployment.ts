/** Starts a deployment of the folder named on the command line, and follows it: `node start-deployment.js path/to/app`. */
import path from 'node:path';
import { connect, createDeployments, formatProblem, loadSpec } from '../client'; // outside this repository: from 'mvca'

async function main(folder: string): Promise<void> {
  const spec = await loadSpec(path.join(folder, 'deployment.yaml'));
  if (spec.kind === 'unreadable') throw new Error(spec.reason);
  if (spec.kind === 'wrong') throw new Error(spec.problems.map(formatProblem).join('\n'));

  const connection = await connect({ log: console.error });
  try {
    const deployment = await createDeployments(connection).start({ ...spec, requester: 'ana' });
    console.log(`follow it at ${deployment.webUi ?? deployment.id}`);
    for await (const { phase, step, state, summary } of deployment.events()) {
      console.log(`${phase.padEnd(10)} ${step.padEnd(14)} ${state.padEnd(10)} ${summary}`);
    }
    const { outcome, reason } = await deployment.result();
    console.log(outcome, reason ?? '');
  } finally {
    await connection.close();
  }
}

void main(process.argv[2] ?? '.');
