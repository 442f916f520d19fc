/** Where a secret stands, as it is named on the command line. */
import { TIERS } from '../../domain/words';
import { ALL_ENVIRONMENTS } from '../../system/secret-store';
import { Halt } from './halt';

export interface Place {
  readonly app: string;
  readonly environment: string;
  readonly name: string;
}

/** What is wrong is said without repeating a word: one of them may be the value. */
export function readPlace(app: string, words: readonly string[], doing: string): Place {
  const [first, second] = words;
  if (words.length > 2) {
    throw new Halt(
      'there is a word too many. A value is never an argument, where every process of this machine could read it: give it on standard input, or answer the prompt. If that word was the value, take another value now',
    );
  }
  const environment = second === undefined ? ALL_ENVIRONMENTS : TIERS.find((tier) => tier === first);
  const name = second ?? first ?? '';
  if (environment === undefined || !/^[a-z0-9][a-z0-9-]{0,39}$/.test(app) || !/^[A-Za-z_]\w{0,99}$/.test(name)) {
    throw new Halt(
      `expected: mvca secrets ${doing} APP ${TIERS.join('|')} NAME, where NAME is letters, digits and underscores; the value is never an argument, it is given on standard input`,
    );
  }
  return { app, environment, name };
}

export const reference = ({ app, environment, name }: Place): string =>
  environment === ALL_ENVIRONMENTS ? `secret://file/${app}/${name}` : `secret://file/${app}/${environment}/${name}`;
