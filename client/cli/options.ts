/** Values of options, checked while they are read: what is wrong with one ends with exit code 2 and the values that are right. */
import { InvalidArgumentError } from 'commander';
import { nearestWord } from '../../domain/nearest';
import { versionProblem } from '../../domain/source/version';
import { TIERS, type Address, type Tier } from '../../domain/words';
import { parseDuration, parseShare } from '../../domain/units';

export function readTier(text: string): Tier {
  const tier = TIERS.find((known) => known === text);
  if (tier !== undefined) return tier;
  const nearest = nearestWord(text, TIERS);
  throw new InvalidArgumentError(
    `Environments are ${TIERS.join(', ')}.${nearest === null ? '' : ` Did you mean ${nearest}?`}`,
  );
}

export function readCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,6}$/.test(text) && count >= 1) return count;
  throw new InvalidArgumentError('Expected a number from 1 to 999999.');
}

export function readVersion(text: string): string {
  const problem = versionProblem(text);
  if (problem === null) return text;
  throw new InvalidArgumentError(`${problem}.`);
}

/** Milliseconds. */
export function readDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('Expected a duration with a unit, such as 30s, 5m or 24h.');
}

export function readPattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected a regular expression: ${error instanceof Error ? error.message : text}.`);
  }
}

/** 0 to 1. */
export function readShare(text: string): number {
  const share = parseShare(text);
  if (share !== null && share > 0 && share < 1) return share;
  throw new InvalidArgumentError('Expected a share with a percent sign, above 0% and below 100%, such as 0.5%.');
}

export function readAlpha(text: string): number {
  const alpha = parseShare(text) ?? Number(text);
  if (alpha > 0 && alpha <= 0.5) return alpha;
  throw new InvalidArgumentError('Expected a chance above 0 and up to 0.5, such as 0.001 or 0.1%.');
}

/** Such as 127.0.0.1:8080; a port alone means 127.0.0.1. */
export function readAddress(text: string): Address {
  const [, host, digits] = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits !== undefined && port >= 1 && port <= 65_535)
    return { host: host?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
  throw new InvalidArgumentError('Expected an address and a port, such as 127.0.0.1:8080.');
}
