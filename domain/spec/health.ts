import { z } from 'zod';
import { expectation, send, sending, statusFrom } from './expectation';
import { orEmpty, section } from './kinds';
import type { HealthSpec } from './spec';
import { duration, urlPath } from './values';
import { wording } from './wording';

const details = section({
  path: urlPath.prefault('/').meta({ description: 'What is asked for.', examples: ['/healthz'] }),
  every: duration(100)
    .prefault('1s')
    .meta({ description: 'How often.', examples: ['5s'] }),
  timeout: duration(1)
    .prefault('2s')
    .meta({ description: 'The longest an answer may take.', examples: ['5s'] }),
  start: duration(1)
    .prefault('60s')
    .meta({ description: 'Deadline for becoming healthy.', examples: ['2m'] }),
  send,
  ...expectation,
  // A redirection says where something else answers, not that this is well.
  status: statusFrom('200-299'),
}).transform(({ every, timeout, start, send: headers, ...rest }): HealthSpec => ({
  ...rest,
  ...sending(headers),
  everyMs: every,
  timeoutMs: timeout,
  startMs: start,
}));

export const health = orEmpty(
  z.union([urlPath.transform((path) => details.parse({ path })), details], {
    error: wording('a path such as /healthz, or a mapping with path, every, timeout, start, status, …'),
  }),
)
  .prefault({})
  .meta({
    description: 'How an instance shows that it is well.',
    examples: ['/healthz', '{ path: /healthz, start: 2m }'],
  });
