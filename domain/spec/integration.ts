import { z } from 'zod';
import { commands } from './command';
import { section } from './kinds';
import { parseDuration } from '../units';
import { duration } from './values';
import { wording } from './wording';

const LIMIT = '30m';
const LIMIT_MS = parseDuration(LIMIT) ?? Infinity;

const limited = section({
  run: commands.meta({ description: 'Commands; they get `BASE_URL`.', examples: ['npm run test:integration'] }),
  timeout: duration(1)
    .prefault(LIMIT)
    .meta({ description: 'The longest they may take together.', examples: ['10m'] }),
});

/** One flat list of forms, so that what is wrong with a mapping is said of the mapping. */
export const integration = z
  .union([...commands.options, limited], {
    error: wording('a command, a list of commands, or a mapping with run, timeout'),
  })
  .transform((given) =>
    'run' in given ? { commands: given.run, timeoutMs: given.timeout } : { commands: given, timeoutMs: LIMIT_MS },
  )
  .prefault([])
  .meta({
    description: `Commands against the new release before it has traffic; they get \`BASE_URL\`, and may take ${LIMIT} unless \`timeout\` says otherwise.`,
    examples: ['npm run test:integration', '{ run: npm run test:integration, timeout: 10m }'],
  });
