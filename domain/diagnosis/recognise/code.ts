/** Mistakes in the application's own code, and modules that it does not find. */
import type { Remedy } from '../answer';
import { fileText, ownPlace, placeText, type Entry, type Fault, type Place } from '../fault';
import type { Recogniser, Recognition } from './recogniser';

const MODULE_CODES = new Set([
  'MODULE_NOT_FOUND',
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
  'ERR_PACKAGE_IMPORT_NOT_DEFINED',
  'ERR_UNSUPPORTED_DIR_IMPORT',
  'ERR_REQUIRE_ESM',
  'ERR_DLOPEN_FAILED',
  'ERR_UNKNOWN_BUILTIN_MODULE',
]);

const MODULE =
  /(?:module|package|Module|require\(\) of ES Module|exports in|built-in module:?) ['"]?(?:file:\/\/)?([^'"\s,]+)/;

export const recogniseModules: Recogniser = (fault) => {
  if (!MODULE_CODES.has(fault.code ?? '')) return null;
  const name = MODULE.exec(fault.message)?.[1] ?? null;
  const root = packageOf(name);
  return {
    cause: 'missing-module',
    subject: root ?? name ?? '',
    confidence: 0.95,
    title: `the module ${name ?? 'that is asked for'} cannot be loaded${askedBy(fault.message)}`,
    remedy: root === null ? FILE_REMEDY : packageRemedy(root),
  };
};

function packageOf(name: string | null): string | null {
  if (name === null || /^[./]|^[A-Za-z]:|^node:/.test(name)) return null;
  return /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
}

function askedBy(message: string): string {
  const [, imported, required] = /imported from (\S+)|Require stack:\n- (\S+)/.exec(message) ?? [];
  const from = imported ?? required;
  return from === undefined ? '' : ` (asked for by ${from.replace('file://', '')})`;
}

const FILE_REMEDY: Remedy = {
  text: 'See that the file is in the artifact (`build.artifact.include`) and that its name is written as it is on disk, capitals too.',
};

/** No command: an install runs what the package brings along, and the name is only what a log says. */
const packageRemedy = (name: string): Remedy => ({
  text: `Add ${name} to \`dependencies\` of package.json, if that is the package that is meant (development dependencies are not in the artifact), and commit the lock file.`,
});

const MISTAKES = /^(?:TypeError|ReferenceError|RangeError|SyntaxError|EvalError|URIError|(?:\w+\.)?AssertionError)$/;

/** Errors of the language itself, at a place in the application's code. */
export const recogniseMistakes: Recogniser = (fault, entry) => {
  const { name } = fault;
  if (name === null || !MISTAKES.test(name)) return null;
  if (name === 'SyntaxError') return syntaxError(fault);
  const place = ownPlace(fault);
  if (place === null) return fault.frames.length === 0 ? withoutPlace(fault) : null;
  const isStackOverflow = /Maximum call stack size exceeded/.test(fault.message);
  return {
    cause: isStackOverflow ? 'endless-recursion' : 'type-error',
    subject: subjectOf(fault, place),
    confidence: 0.75,
    title: `${name} at ${placeText(place)}: ${firstLine(fault.message)}`,
    remedy: {
      text: `Correct the code at ${placeText(place)}${entry.isUnhandled ? ', and handle the rejection' : ''}; see what changed there.`,
    },
  };
};

/** Logged without its stack. */
const withoutPlace = ({ name, message }: Fault): Recognition => ({
  cause: 'type-error',
  subject: subjectOf({ name, message }, null),
  confidence: 0.5,
  title: `${name ?? ''}: ${firstLine(message)}`,
  remedy: { text: 'Log the stack of errors (`error.stack`, or the error itself), so that the place is known.' },
});

function syntaxError(fault: Fault): Recognition | null {
  const isParse = fault.frames.some(({ file }) => file === '<anonymous>');
  const place = isParse ? ownPlace(fault) : (fault.thrownAt ?? ownPlace(fault));
  if (place === null) return null;
  return {
    cause: isParse ? 'malformed-data' : 'syntax-error',
    subject: subjectOf(fault, place),
    confidence: isParse ? 0.7 : 0.95,
    title: isParse
      ? `text that is not JSON is parsed at ${placeText(place)}`
      : `syntax error at ${placeText(place)}: ${firstLine(fault.message)}`,
    remedy: {
      text: isParse
        ? `See what is parsed at ${placeText(place)}: a variable, a file, or the answer of a service.`
        : `Correct the code at ${placeText(place)}, or have the build translate what this Node.js version does not know (\`platform.node\`).`,
    },
  };
}

/** Whatever else was thrown, where it comes from the application. */
export const recogniseThrown: Recogniser = (fault, entry) => {
  const place = ownPlace(fault) ?? lastOwn(entry);
  if (!entry.isUnhandled && place === null && fault.frames.length === 0) return null;
  const at = place === null ? '' : ` at ${placeText(place)}`;
  const said = firstLine(fault.message);
  const what = `${fault.name ?? 'an error'}${at}: ${said}`;
  const subject = subjectOf(fault, place);
  if (entry.isUnhandled) {
    const title = `a rejected promise that nothing handles: ${what}`;
    const remedy = { text: `Await the promise${at}, or catch what it is rejected with.` };
    return { cause: 'unhandled-rejection', subject, confidence: 0.7, title, remedy };
  }
  const remedy = { text: `See what is expected${at || ' there'}, and what the release changed about it.` };
  if (entry.isFatal) return { cause: 'uncaught-error', subject, confidence: 0.6, title: what, remedy };
  return { cause: 'application-error', subject, confidence: place === null ? 0.3 : 0.4, title: what, remedy };
};

/** A wrapped error may have the only trace that comes by the application. */
function lastOwn(entry: Entry): Place | null {
  return entry.chain.map(ownPlace).findLast((place) => place !== null) ?? null;
}

/** The same in both releases: lines of code move from one to the next, and numbers differ from one time to the next. */
const subjectOf = ({ name, message }: Pick<Fault, 'name' | 'message'>, place: Place | null): string =>
  `${name ?? ''} ${place === null ? '' : fileText(place.file)} ${firstLine(message).replace(/\d+/g, '#')}`;

const firstLine = (text: string): string =>
  text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim() ?? '';
