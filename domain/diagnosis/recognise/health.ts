/** What is seen only over many lines: the health check asks for a path that the application does not serve. */
import type { Context } from '../answer';
import type { Entry } from '../fault';
import { isRecord } from '../raw-lines';
import type { Recognition } from './recogniser';

export interface Seen {
  readonly entry: Entry;
  readonly recognition: Recognition;
}

const USUAL =
  /^\/(?:[\w-]+\/)*(?:_?health\w*|healthz|readyz?|readiness|livez?|liveness|ping|status|alive|up|heartbeat)\/?$/i;

/** Every answer of 404 (or 401, 403, 405) to a question for health. */
export function healthPathsMissed(entries: readonly Entry[], context: Context): Seen[] {
  return entries.flatMap((entry) => {
    const asked = answerIn(entry);
    if (asked === null || ![401, 403, 404, 405].includes(asked.status)) return [];
    const isTheSpecs = asked.path === context.healthPath;
    if (!isTheSpecs && !USUAL.test(asked.path)) return [];
    return [{ entry, recognition: missed(asked, isTheSpecs) }];
  });
}

const missed = ({ path, status }: Answer, isTheSpecs: boolean): Recognition => ({
  cause: 'health-path',
  subject: path,
  confidence: isTheSpecs ? 0.85 : 0.65,
  title: `the health check asks for ${path}, and the application answers ${status}`,
  remedy: {
    text: `Set \`health: { path: … }\` in deployment.yaml to a path that the application answers, or serve ${path} without a login.`,
  },
});

interface Answer {
  readonly path: string;
  readonly status: number;
}

/** An access log's line: `"GET /healthz HTTP/1.1" 404`, `GET /healthz 404`. */
const ACCESS = /\b(?:GET|HEAD) (\/\S*?)"?(?: HTTP\/[\d.]+"?)?,?(?: [-–>=]+| status[=:]?| →)? ?(\d{3})\b/;

function answerIn({ json, texts, isRunner }: Entry): Answer | null {
  if (isRunner) return null;
  const inJson = json === null ? null : answerInJson(json);
  if (inJson !== null) return inJson;
  const [, url, status] = ACCESS.exec(texts[0] ?? '') ?? [];
  return url === undefined ? null : { path: pathOf(url), status: Number(status) };
}

/** An object with request and response, or with the fields of both. */
function answerInJson(json: Readonly<Record<string, unknown>>): Answer | null {
  const { req, request, res, response, httpRequest } = json;
  const places = [req, request, httpRequest, res, response, json].filter(isRecord);
  const first = (keys: readonly string[]): unknown =>
    places
      .flatMap((place) => keys.map((key) => place[key]))
      .find((value) => typeof value === 'string' || typeof value === 'number');
  const [url, status] = [first(['url', 'path', 'originalUrl', 'requestUrl']), Number(first(['statusCode', 'status']))];
  return typeof url === 'string' && Number.isInteger(status) ? { path: pathOf(url), status } : null;
}

const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/]+/, '').split(/[?#]/)[0] ?? '';
