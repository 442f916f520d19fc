/** Compares an HTTP answer with what is expected of it. */
import type { Expectation } from '../spec/spec';

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The beginning of the body; empty where nothing of it is expected. */
  readonly body: string;
}

/** What is not as expected, in words: what came, and what should have; null when all is. */
export function mismatch(expectation: Expectation, answer: HttpAnswer): string | null {
  const { status, headers, body } = answer;
  if (!expectation.status.includes(status)) {
    const location =
      status >= 300 && status < 400 ? ` (to ${headers['location'] ?? 'nowhere'}; redirects are not followed)` : '';
    return `answered ${status}${location}, expected ${statusWords(expectation.status)}`;
  }
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (expectation.type !== null && type !== expectation.type.toLowerCase())
    return `answered ${status} with the type ${type || '(none)'}, expected ${expectation.type}`;
  for (const [name, value] of Object.entries(expectation.header)) {
    const found = headers[name.toLowerCase()];
    if (found === undefined)
      return `answered ${status} without the header ${name}, expected it with ${JSON.stringify(value)}`;
    if (!found.includes(value))
      return `answered ${status} with ${name}: ${shorten(found)}, expected ${JSON.stringify(value)} in it`;
  }
  if (expectation.contains !== null && !body.includes(expectation.contains))
    return `answered ${status} without ${JSON.stringify(expectation.contains)} in it; it begins: ${JSON.stringify(shorten(body))}`;
  return null;
}

/** A few by themselves; many of one class are a range of it: nobody reads all registered statuses. */
function statusWords(statuses: readonly number[]): string {
  if (statuses.length <= 3) return statuses.join(' or ');
  return `one of ${statuses.length} statuses from ${Math.min(...statuses)} to ${Math.max(...statuses)}`;
}

const shorten = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 120)}…`);
