import type { Tier } from '../words';
import { statuses } from './expectation';
import { listOf, orEmpty, section } from './kinds';
import { get } from './smoke';
import type { WatchSpec } from './spec';
import { duration, share, whole } from './values';
import { metrics } from './watch-metrics';

export const WATCH_FOR: Readonly<Record<Tier, string>> = { development: '5m', staging: '5m', production: '10m' };

export const watch = (tier: Tier) =>
  orEmpty(
    section({
      for: duration(1)
        .prefault(WATCH_FOR[tier])
        .meta({ description: 'How long.', examples: ['10m'] }),
      errors: share.prefault('1%').meta({
        description: 'At most this share of answers may be errors: 5xx, no answer, or a status of `errorStatuses`.',
        examples: ['0.5%'],
      }),
      errorStatuses: statuses.prefault([]).meta({
        description: 'Statuses below 500 that count as errors too.',
        examples: ['[429]'],
      }),
      response: duration(1)
        .prefault('1s')
        .meta({ description: 'An answer that takes longer is slow.', examples: ['500ms'] }),
      slow: share.prefault('5%').meta({ description: 'At most this share of answers may be slow.', examples: ['1%'] }),
      resources: share.prefault('80%').meta({
        description: 'At most this share of a core, and of its memory, may an instance use.',
        examples: ['90%'],
      }),
      probes: listOf(get, 'a list of requests, such as [{ get: /search?q=x }]').meta({
        description: 'Requests that the watch sends itself where traffic is thin; none: those of `smoke`.',
        examples: ['[{ get: /search?q=x }]'],
      }),
      metrics,
      minimum: whole(1, 1_000_000)
        .prefault('30')
        .meta({
          description: 'Least number of answers for a verdict.',
          examples: ['100'],
        }),
      deadline: duration(1)
        .prefault('1h')
        .meta({
          description: 'How long a person is waited for when the watch stays inconclusive; then it is rolled back.',
          examples: ['30m'],
        }),
    }),
  )
    .transform(({ for: long, response, deadline, ...rest }): WatchSpec => ({
      ...rest,
      forMs: long,
      responseMs: response,
      deadlineMs: deadline,
    }))
    .prefault({})
    .meta({ description: 'The judge looks at the new release while it has the traffic.' });
