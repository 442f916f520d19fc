/** What the owner of a secret said of it: who else may use it, and where it may be sent. Kept sealed, and by its reference. */
import path from 'node:path';
import { sealCounted, unsealCounted } from './counted';
import type { Home } from './home';
import { withLock } from './lock';

const WAIT_MS = 10_000;
export const RULES_CONTEXT = 'secrets/rules';
export const RULES_FILE = 'rules.sealed';

export interface SecretRules {
  /** Destinations as `destinationOf` writes them; none: it was sent nowhere yet. */
  readonly destinations: readonly string[];
  /** `shop` or `shop/staging`. */
  readonly sharedWith: readonly string[];
}

const NO_RULES: SecretRules = { destinations: [], sharedWith: [] };

/** Rules of every secret that has any, by reference. */
type AllRules = Record<string, SecretRules>;

export const rulesOf = async (home: Home, reference: string): Promise<SecretRules> =>
  (await read(home))[reference] ?? NO_RULES;

/** Changes the rules of one secret; null takes them away. Answers them as they are then. */
export async function changeRules(
  home: Home,
  reference: string,
  change: (rules: SecretRules) => SecretRules | null,
): Promise<SecretRules> {
  const file = fileOf(home);
  return withLock(file, WAIT_MS, async () => {
    const all = await read(home);
    const before = all[reference] ?? NO_RULES;
    const after = change(before);
    if (after === before || (after === null && all[reference] === undefined)) return before;
    if (after === null) delete all[reference];
    else all[reference] = after;
    await sealCounted(home, file, RULES_CONTEXT, all);
    return after ?? NO_RULES;
  });
}

const fileOf = (home: Home): string => path.join(home.secrets, RULES_FILE);

const read = async (home: Home): Promise<AllRules> =>
  (await unsealCounted<AllRules>(home, fileOf(home), RULES_CONTEXT)) ?? {};
