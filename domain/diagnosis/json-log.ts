/** Logs of one JSON object a line, as pino, bunyan, winston and the clouds' loggers write them. */
import { NO_FAULT, type Fault, type Level } from './fault';
import { codeOf } from './messages';
import { isoTime, isRecord } from './raw-lines';
import { parseTrace } from './trace';

type Fields = Readonly<Record<string, unknown>>;

const ERROR_KEYS = ['err', 'error', 'exception', 'e', 'reason', 'failure'];
const CAUSE_KEYS = ['cause', 'original', 'parent', 'driverError', 'originalError', 'innerError'];
const MANY_KEYS = ['errors', 'aggregateErrors'];
const MESSAGE_KEYS = ['msg', 'message', 'text', 'textPayload', 'log', 'event'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'at', 'date'];
const DEEPEST = 8;

export function jsonTime(fields: Fields): string | null {
  const value = TIME_KEYS.map((key) => fields[key]).find((one) => typeof one === 'string' || typeof one === 'number');
  if (typeof value === 'number') return isoTime(value < 1e11 ? value * 1_000 : value);
  return typeof value === 'string' ? isoTime(value) : null;
}

export function jsonLevel(fields: Fields): Level {
  const level = fields['level'] ?? fields['severity'] ?? fields['lvl'] ?? fields['log.level'];
  if (typeof level === 'number') return level >= 50 ? 'error' : level >= 40 ? 'warn' : 'info';
  return typeof level === 'string' ? levelOf(level) : null;
}

/** The level that a word names; null for any other word. */
export function levelOf(word: string): Level {
  if (/^(fatal|panic|alert|emerg\w*|crit\w*|err|error|severe)$/i.test(word)) return 'error';
  if (/^warn(ing)?$/i.test(word)) return 'warn';
  return /^(info|notice|debug|trace|verbose|silly|http|log)$/i.test(word) ? 'info' : null;
}

export const jsonMessage = (fields: Fields): string =>
  MESSAGE_KEYS.map((key) => fields[key]).find((value): value is string => typeof value === 'string') ?? '';

/** The chain of errors in an object, outermost first; empty where it tells of none. */
export function jsonFaults(fields: Fields): Fault[] {
  for (const key of ERROR_KEYS) {
    const value = fields[key];
    if (isRecord(value)) return faultsIn(value, 0);
    if (typeof value === 'string' && value !== '') return fromText(value);
  }
  if (isRecord(fields['message'])) return faultsIn(fields['message'], 0);
  if (stackOf(fields).length > 0 || typeof fields['code'] === 'string') return faultsIn(fields, 0);
  return parseTrace(jsonMessage(fields).split('\n'));
}

function faultsIn(error: Fields, depth: number): Fault[] {
  const inStack = parseTrace(stackOf(error));
  const [outer = NO_FAULT, ...causes] = inStack;
  const scalars = Object.entries(error).filter(
    ([key, value]) => key !== 'stack' && ['string', 'number'].includes(typeof value),
  );
  const own = { ...outer.fields, ...Object.fromEntries(scalars.map(([key, value]) => [key, String(value)])) };
  const name = own['type'] ?? own['name'] ?? outer.name;
  const message = own['message'] ?? own['msg'] ?? outer.message;
  const code = codeOf({ stated: own['code'] ?? outer.code, message, fields: own, name });
  const fault: Fault = {
    ...outer,
    name: /Error|error|Exception/.test(name ?? '') ? name : outer.name,
    message,
    code,
    fields: own,
  };
  const inner = depth < DEEPEST ? innerOf(error) : null;
  return [fault, ...(inner === null ? causes : faultsIn(inner, depth + 1))];
}

/** Text, or a list of its lines. */
function stackOf({ stack }: Fields): string[] {
  if (typeof stack === 'string') return stack.split('\n');
  return Array.isArray(stack) ? stack.filter((text) => typeof text === 'string') : [];
}

function innerOf(error: Fields): Fields | null {
  const causes = CAUSE_KEYS.map((key) => error[key]);
  const many = MANY_KEYS.map((key) => error[key]).map((value) => (Array.isArray(value) ? (value[0] as unknown) : null));
  return [...causes, ...many].find(isRecord) ?? null;
}

function fromText(text: string): Fault[] {
  const chain = parseTrace(text.split('\n'));
  if (chain.length > 0) return chain;
  return [{ ...NO_FAULT, message: text, code: codeOf({ stated: null, message: text, fields: {}, name: null }) }];
}
