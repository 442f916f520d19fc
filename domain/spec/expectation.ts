import { z } from 'zod';
import { mapOf, orNull, scalar } from './kinds';
import type { Sending } from './spec';
import { lineText } from './values';
import { wording } from './wording';

/** Statuses of the IANA registry (2025) from 200 on: what a range such as 200-399 stands for. */
const REGISTERED: readonly number[] = [
  ...numbers(200, 208),
  226,
  ...numbers(300, 308),
  ...numbers(400, 418),
  ...numbers(421, 426),
  428,
  429,
  431,
  451,
  ...numbers(500, 508),
  510,
  511,
];

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const one = scalar({
  expected: 'a status from 100 to 599, or a range such as 200-399',
  read: (text) => {
    const [, from, to] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
    if (from === undefined) return null;
    if (to === undefined) return [Number(from)];
    const range = REGISTERED.filter((status) => status >= Number(from) && status <= Number(to));
    return range.length > 0 ? range : null;
  },
  json: { title: 'status or range', type: ['string', 'integer'] },
});

export const statuses = z
  .union([one, z.array(one).transform((many) => many.flat())], {
    error: wording('a status, a range such as 200-399, or a list of them'),
  })
  .transform((many) => [...new Set(many)].sort((a, b) => a - b))
  .meta({ title: 'status, range, or list of them' });

/** The statuses that are right, `ordinary` where nothing is said. */
export function statusFrom(ordinary: string) {
  return statuses.prefault(ordinary).meta({
    description: 'Statuses that are right. A range stands for the registered statuses in it.',
    examples: ['200', '200-299', '[200, 204]'],
  });
}

const mediaType = scalar({
  expected: 'a content type without parameters, such as text/html',
  read: (text) => (/^[\w.+-]+\/[\w.+-]+$/.test(text) ? text.toLowerCase() : null),
});

const headerName = z
  .string({ error: wording('the name of a header, such as cache-control') })
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, { error: wording('the name of a header, such as cache-control') });

const header = mapOf(headerName, lineText('a text on one line'), 'a mapping of header names to texts').transform(
  (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
);

/** Of the connection itself, or of a body, which our requests have none of. */
const OURS =
  /^(?:connection|content-length|content-type|expect|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

const sentHeader = headerName.refine((name) => !OURS.test(name), {
  error: wording('the name of a header that a request without a body can carry, such as host'),
});

/** Headers of the request. */
export const send = mapOf(sentHeader, lineText('a text on one line'), 'a mapping of header names to texts')
  .transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  )
  .meta({
    description:
      'Headers of the request, as text: for an application that answers its own name only, or redirects what is not HTTPS. Never a secret.',
    examples: ['{ host: shop.example, x-forwarded-proto: https }'],
  });

/** Absent where nothing is sent. */
export const sending = (headers: Readonly<Record<string, string>>): Sending =>
  Object.keys(headers).length === 0 ? {} : { send: headers };

/** What an answer must be like; the keys that health and smoke checks share. */
export const expectation = {
  status: statusFrom('200-399'),
  contains: orNull(lineText('a text on one line')).meta({
    description: 'What the body must contain.',
    examples: ['Welcome'],
  }),
  type: orNull(mediaType).meta({ description: 'The content type, without parameters.', examples: ['text/html'] }),
  header: header.meta({
    description: 'Headers, and what each must contain.',
    examples: ['{ cache-control: no-store }'],
  }),
};
