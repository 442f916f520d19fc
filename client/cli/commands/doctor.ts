import type { Command } from 'commander';
import { CLAIMS, type IdentityView } from '../../../domain/identity/identity';
import { doctor, type Finding } from '../../../embedded';
import { clusterWarning } from '../../connection';
import { EngineUnreachable, Refused } from '../../errors';
import type { Cli } from '../cli';
import { declare, type JsonOption, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { line, part, type Style } from '../line';
import { padEnd } from '../text';

const LEVELS: Readonly<Record<Finding['level'], Style>> = { ok: 'good', warning: 'warn', error: 'bad' };

export function addDoctor(program: Command, run: Run): void {
  declare(program, {
    usage: 'doctor',
    does: 'look for what is wrong with this machine, and say what to do about it',
    examples: ['mvca doctor'],
    notes: ['Exit codes: 0 nothing is in the way, 1 something is.'],
  }).action(run((cli: Cli, options: JsonOption) => examine(cli, options)));
}

/** Of the cluster that the environment names. */
function clusterFinding(): Finding {
  const text = clusterWarning();
  const finding = { what: 'cluster', next: null };
  return text === null
    ? { ...finding, level: 'ok', text: 'the connection has keys, or is open because the profile says so' }
    : { ...finding, level: 'warning', text };
}

async function examine(cli: Cli, { json }: JsonOption): Promise<number> {
  const { config, print } = cli;
  const findings = [
    ...(config.usesCluster ? [clusterFinding()] : []),
    ...(await doctor(config.home)),
    ...(await identities(cli)),
  ];
  if (json) print.json(findings);
  for (const { level, what, text, next } of json ? [] : findings) {
    print.result(line(part(padEnd(level, 8), LEVELS[level]), part(`${padEnd(what, 11)} `, 'dim'), text));
    if (next !== null) print.result(line(' '.repeat(20), part(next, 'strong')));
  }
  return findings.some(({ level }) => level === 'error') ? EXIT.unexpected : EXIT.succeeded;
}

/** Whose names count; nothing where no engine answers, which is said beside it. */
async function identities(cli: Cli): Promise<readonly Finding[]> {
  try {
    const { deployments } = await cli.engine({ start: false });
    const known = await deployments.inspect<readonly IdentityView[]>({ kind: 'identities' });
    const counting = known.filter(({ removedAt }) => removedAt === null).length;
    const text =
      known.length === 0 ? CLAIMS : `${counting} keys of people count; what makes deployments go on is signed`;
    return [{ level: 'ok', what: 'names', text, next: null }];
  } catch (error) {
    if (error instanceof EngineUnreachable || error instanceof Refused) return [];
    throw error;
  }
}
