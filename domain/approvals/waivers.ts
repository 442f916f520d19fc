/** Waivers that were given in this deployment already: the same doubt is not asked about twice. */
import type { Tier } from '../words';
import { mayDecide, type WaiverState } from './decide';

export interface OpenFinding {
  /** Such as `environment/service/payments`. */
  readonly id: string;
  readonly message: string;
}

export interface GivenWaiver {
  readonly by: string;
  readonly reason: string;
  readonly environment: Tier;
  /** In the environments to come as well, where they say the same. */
  readonly everywhere: boolean;
  readonly findings: readonly OpenFinding[];
}

export interface Doubt extends Pick<WaiverState, 'requester' | 'policy'> {
  readonly environment: Tier;
  readonly open: readonly OpenFinding[];
}

/** What is asked at the moment, and what of it was given. */
export interface AskedWaiver extends WaiverState {
  readonly environment: Tier;
  readonly findings: readonly OpenFinding[];
  readonly given: readonly string[];
}

/** Who waived all of it before, and why, where they may decide here as well; null: somebody has to be asked. */
export function waivedBefore(given: readonly GivenWaiver[], doubt: Doubt): string | null {
  const found = doubt.open.map((finding) => given.find((waiver) => covers(waiver, finding, doubt)));
  if (found.length === 0 || found.includes(undefined)) return null;
  return [...new Set(found.map((waiver) => (waiver === undefined ? '' : words(waiver))))].join('; ');
}

function covers(waiver: GivenWaiver, { id, message }: OpenFinding, doubt: Doubt): boolean {
  const { environment, requester, policy } = doubt;
  if (waiver.environment !== environment && !waiver.everywhere) return false;
  if (policy !== null && !mayDecide({ requester, policy }, waiver.by).accepted) return false;
  const asked = plain(message, environment);
  return waiver.findings.some((known) => known.id === id && plain(known.message, waiver.environment) === asked);
}

/** The same words: names of environments and figures are what differs between two looks. */
const plain = (message: string, environment: Tier): string =>
  message.replaceAll(environment, 'environment').replace(/\d+(?:[.,]\d+)*/g, '0');

const words = ({ by, reason, environment, everywhere }: GivenWaiver): string =>
  `waived by ${by} in ${environment}${everywhere ? ', for all environments' : ''}: ${reason}`;
