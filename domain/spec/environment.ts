import type { z } from 'zod';
import { TIERS } from '../words';
import type { Tier } from '../words';
import { approval } from './approval';
import { databases, services } from './databases';
import { health } from './health';
import { integration } from './integration';
import { orEmpty, section } from './kinds';
import { platform } from './platform';
import { smoke } from './smoke';
import type { EnvironmentSpec } from './spec';
import { strategy } from './strategy';
import { traffic } from './traffic';
import { duration, flag } from './values';
import { requires, secrets, variables } from './variables';
import { watch } from './watch';
import { wording } from './wording';

const stop = orEmpty(
  section({
    grace: duration()
      .prefault('30s')
      .meta({ description: 'Time between SIGTERM and SIGKILL.', examples: ['10s'] }),
  }),
)
  .transform(({ grace }) => ({ graceMs: grace }))
  .prefault({})
  .meta({ description: 'How an instance is stopped.' });

const retire = orEmpty(
  section({
    after: duration()
      .prefault('24h')
      .meta({ description: 'How long the old release is kept warm after a success.', examples: ['2h'] }),
  }),
)
  .transform(({ after }) => ({ afterMs: after }))
  .prefault({})
  .meta({ description: 'What becomes of the old release.' });

const rehearse = (tier: Tier) =>
  flag
    .prefault(tier === 'staging' ? 'true' : 'false')
    .superRefine((value, context) => {
      if (!value || tier !== 'production') return;
      context.addIssue({ code: 'custom', message: wording('false: nothing comes after production to rehearse for') });
    })
    .meta({
      description:
        'Whether the way back of this very change is tried here (back to the old release, and forth again) before a later environment is changed; in staging it is, unless this says false.',
      examples: ['false'],
    });

export const environment = (tier: Tier) =>
  orEmpty(
    section({
      platform,
      traffic,
      variables,
      secrets,
      requires,
      databases,
      services,
      health,
      stop,
      smoke,
      integration,
      strategy,
      watch: watch(tier),
      approval: approval(tier),
      retire,
      rehearse: rehearse(tier),
    }),
  ).transform(({ integration: { commands, timeoutMs }, ...given }): EnvironmentSpec => ({
    name: tier,
    ...given,
    integration: commands,
    integrationTimeoutMs: timeoutMs,
  }));

export const ENVIRONMENTS = {
  development: environment('development'),
  staging: environment('staging'),
  production: environment('production'),
} satisfies Record<Tier, z.ZodType<EnvironmentSpec>>;

export const environments = section({
  development: ENVIRONMENTS.development.optional(),
  staging: ENVIRONMENTS.staging.optional(),
  production: ENVIRONMENTS.production.optional(),
})
  .transform((given, context) => {
    const list = TIERS.flatMap((tier) => given[tier] ?? []);
    if (list.length === 0) {
      const message = wording(`at least one environment: ${TIERS.join(', ')}`);
      context.issues.push({ code: 'custom', message, input: given });
    }
    return list;
  })
  .meta({
    minProperties: 1,
    description: 'Where the application runs, in the order of promotion: development, staging, production.',
  });
