import type { Command } from 'commander';
import { doctor, type Finding } from '../../../embedded';
import { clusterWarning } from '../../connection';
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

async function examine({ config, print }: Cli, { json }: JsonOption): Promise<number> {
  const findings = [...(config.usesCluster ? [clusterFinding()] : []), ...(await doctor(config.home))];
  if (json) print.json(findings);
  for (const { level, what, text, next } of json ? [] : findings) {
    print.result(line(part(padEnd(level, 8), LEVELS[level]), part(`${padEnd(what, 11)} `, 'dim'), text));
    if (next !== null) print.result(line(' '.repeat(20), part(next, 'strong')));
  }
  return findings.some(({ level }) => level === 'error') ? EXIT.unexpected : EXIT.succeeded;
}
