import { z } from 'zod';
import { commands } from './command';
import { expectation, send, sending } from './expectation';
import { section } from './kinds';
import type { SmokeCheck } from './spec';
import { duration, urlPath } from './values';
import { wording } from './wording';

export const get = section({
  get: urlPath.meta({ description: 'A page to ask for.', examples: ['/'] }),
  send,
  ...expectation,
  timeout: duration(1)
    .prefault('10s')
    .meta({ description: 'The longest the answer may take.', examples: ['5s'] }),
}).transform(({ get: path, timeout, send: headers, ...rest }) => ({
  kind: 'get' as const,
  path,
  ...rest,
  ...sending(headers),
  timeoutMs: timeout,
}));

const run = section({
  run: commands.meta({ description: 'Commands; they get `BASE_URL`.', examples: ['npm run smoke'] }),
  timeout: duration(1)
    .prefault('5m')
    .meta({ description: 'The longest each may take.', examples: ['1m'] }),
}).transform(({ run: list, timeout }) =>
  list.map((command) => ({ kind: 'run' as const, command, timeoutMs: timeout })),
);

const check = z.union([get.transform((one) => [one]), run], {
  error: wording('a check, { get: /path } or { run: command }'),
});

/** Where nothing is said: the root is answered, be it with a redirect, a login or "not found"; a server that fails does not pass. */
const DEFAULT = [{ get: '/', status: '200-499' }];

export const smoke = z
  .preprocess(
    (value) => (value === null ? DEFAULT : value),
    z.array(check, { error: wording('a list of checks, such as [{ get: /, status: 200 }]') }),
  )
  .transform((checks): SmokeCheck[] => checks.flat())
  .prefault(DEFAULT)
  .meta({
    description: 'Checks of a new release before it has traffic. `[]`: none.',
    examples: ['[{ get: /, status: 200, contains: Welcome }, { run: npm run smoke }]'],
  });
