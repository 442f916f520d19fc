/** Prometheus and what speaks its query API (https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries). */
import type { Reading } from '../../domain/judge/outside';
import { destinationOf } from '../../domain/secrets/access';
import { redact } from '../../domain/secrets/redact';
import { BODY_LIMIT, httpGet, type GetResult } from '../../system/http-get';
import { wordsOf } from '../failure';
import type { SecretAccess } from '../secret-access';
import type { MetricQuestion, MetricsSource } from './port';

const TIMEOUT_MS = 5_000;
const LONGEST_WORDS = 160;

export interface PrometheusDeps {
  readonly secrets: Pick<SecretAccess, 'resolveFor'>;
}

export function createPrometheus({ secrets }: PrometheusDeps): MetricsSource {
  return {
    read: async ({ url, query, token, user, signal }: MetricQuestion) => {
      try {
        const secret = token === null ? null : (await secrets.resolveFor(token, user, destinationOf(url))).value;
        const headers = secret === null ? {} : { authorization: `Bearer ${secret}` };
        const place = `${url}/api/v1/query?query=${encodeURIComponent(query)}`;
        const result = await httpGet({ url: place, timeoutMs: TIMEOUT_MS, body: true, headers, signal });
        return readingOf(secret === null ? result : masked(result, secret));
      } catch (error) {
        return none(wordsOf(error)); // a token without a value, or one that no header can carry
      }
    },
  };
}

/** A source may repeat the token that it refuses. */
const masked = (result: GetResult, secret: string): GetResult =>
  result.kind === 'failed'
    ? result
    : { ...result, answer: { ...result.answer, body: redact(result.answer.body, [secret]) } };

/** One figure, or why it is none. */
export function readingOf(result: GetResult): Reading {
  if (result.kind === 'failed') return none(`it does not answer: ${result.message}`);
  const { status, body } = result.answer;
  if (status >= 300 && status < 400) return none(`it redirects (${status}), which is not followed`);
  if (status === 401 || status === 403) return none(`it refuses the token, or asks for one (${status})`);
  if (body.length >= BODY_LIMIT) return none(`it answered ${status} with more than ${BODY_LIMIT / 2 ** 20} MiB`);
  const answer = jsonOf(body);
  if (answer === null) return none(`it answered ${status} with something that is no answer of Prometheus`);
  if (answer['status'] !== 'success') return none(`it refuses the query (${status}): ${textOf(answer['error'])}`);
  const data = objectOf(answer['data']);
  return data['resultType'] === 'scalar' ? figureOf(data['result']) : seriesOf(data);
}

function seriesOf({ resultType, result }: Readonly<Record<string, unknown>>): Reading {
  if (resultType !== 'vector' || !Array.isArray(result))
    return none(
      `the query returns ${typeof resultType === 'string' ? `a ${textOf(resultType)}` : 'no type'}, and one figure is expected`,
    );
  if (result.length === 0) return none('the query returns nothing');
  if (result.length > 1)
    return none(`the query returns ${result.length} series, and one is expected: join them, as with sum(…)`);
  return figureOf(objectOf(result[0])['value']);
}

/** `[seconds, "text of the figure"]`. */
function figureOf(sample: unknown): Reading {
  const text: unknown = Array.isArray(sample) ? sample[1] : null;
  if (typeof text !== 'string' || text.trim() === '') return none('the query returns a sample without a figure');
  const value = Number(text);
  return Number.isFinite(value) ? { kind: 'figure', value } : none(`the query returns ${textOf(text)}`);
}

const none = (reason: string): Reading => ({ kind: 'none', reason });

function jsonOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'status' in value ? objectOf(value) : null;
  } catch {
    return null;
  }
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** On one line, and no longer than a person reads. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : '';
  if (text === '') return 'without a word';
  return text.length <= LONGEST_WORDS ? text : `${text.slice(0, LONGEST_WORDS)}…`;
}
