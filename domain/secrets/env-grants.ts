/** Which variables of the worker's environment which application may read, as `secret://env/NAME`: said by whoever starts the worker. */
import { covers, type SecretUser } from './access';

export interface EnvGrant {
  /** `shop/production`, or `shop` for all its environments. */
  readonly who: string;
  readonly names: readonly string[];
}

export const ENV_GRANTS = 'MVCA_SECRET_ENV';
const ENTRY = /^([a-z0-9][a-z0-9-]{0,39}(?:\/(?:development|staging|production))?):([A-Za-z_]\w*(?:,[A-Za-z_]\w*)*)$/;

/** Reads `shop/production:STRIPE_KEY,HOOK; orders:TOKEN`; empty or missing: nothing is listed. @throws Error that names the entry. */
export function readEnvGrants(text: string | undefined): readonly EnvGrant[] {
  const entries = (text ?? '').split(/[;\s]+/).filter((entry) => entry !== '');
  return entries.map((entry) => {
    const [, who, names] = ENTRY.exec(entry) ?? [];
    if (who === undefined || names === undefined)
      throw new Error(
        `${ENV_GRANTS} holds \`${entry}\`; expected APP/ENVIRONMENT:NAME,NAME, such as shop/production:STRIPE_KEY (several: parted by ;)`,
      );
    return { who, names: names.split(',') };
  });
}

export const isListed = (grants: readonly EnvGrant[], name: string, user: SecretUser): boolean =>
  grants.some((grant) => grant.names.includes(name) && covers(grant.who, user));
