/** What changed between the releases speaks for some causes, and makes of a mistake in the code one of a dependency. */
import { quotable } from '../command/quotable';
import type { Cause, Context, Evidence } from './answer';
import { nameEvidence, packageEvidence, packageText, type Changes, type NameChange } from './changes';
import type { Known } from './diagnose';
import { ownPlace, placeText } from './fault';
import { importsOf, packageAt, usedOn } from './imports';
import type { PackageChange, Step } from './lock-files';

export interface Weighed {
  readonly changes: Changes;
  readonly release: string;
  readonly context: Context;
  /** Text of a file of the application; null where it cannot be read here. */
  readonly file: (path: string) => string | null;
}

/** The same cause, or another one that explains it better. */
export function weigh(cause: Known, by: Weighed): Known {
  const change = changedPackage(cause, by);
  if (change !== null) return ofPackage(cause, change, by.changes.lockFile);
  const names = by.changes.names.filter((one) => speaksFor(one, cause, by.context));
  if (names.length > 0)
    return supported(
      cause,
      names.map((name) => nameEvidence(name, { fresh: by.release })),
    );
  if (cause.cause === 'missing-variable' && isNewlyRead(cause, by.changes))
    return supported(cause, [
      {
        source: 'release.json',
        at: null,
        text: `neither release was given ${cause.subject}; only the new one complains`,
      },
    ]);
  const lost = cause.cause === 'missing-module' ? lostPackage(cause, by.changes) : undefined;
  return lost === undefined ? cause : supported(cause, [packageEvidence(lost, by.changes.lockFile)]);
}

function speaksFor({ name, how }: NameChange, { cause, subject }: Known, { databaseSecret }: Context): boolean {
  if (cause === 'missing-variable') return name === subject && how === 'removed';
  if (cause === 'malformed-variable') return name === subject && how !== 'removed';
  return how !== 'removed' && name === databaseSecret && OF_DATABASE.has(cause);
}

const OF_DATABASE = new Set(['database-refused', 'unknown-database', 'wrong-credentials', 'database-timeout']);

const isNewlyRead = ({ subject, countBefore }: Known, { given }: Changes): boolean =>
  countBefore === 0 && /^\w+$/.test(subject) && given !== null && !given.has(subject);

const lostPackage = ({ subject }: Known, { packages }: Changes): PackageChange | undefined =>
  packages.find(({ name, to }) => name === subject && to === null);

/** Half-way to certainty. */
const supported = (cause: Known, evidence: readonly Evidence[]): Known => ({
  ...cause,
  confidence: Math.round(Math.min(0.99, cause.confidence + (1 - cause.confidence) / 2) * 100) / 100,
  evidence: [...cause.evidence, ...evidence],
});

/** Kinds of trouble that another version of a package can bring. */
const OF_CODE = new Set([
  'type-error',
  'syntax-error',
  'unhandled-rejection',
  'uncaught-error',
  'application-error',
  'endless-recursion',
  'missing-module',
]);

/** The package whose code threw, or that the line which threw uses; only where its version changed. */
function changedPackage({ cause, fault, countBefore }: Known, { changes, file }: Weighed): PackageChange | null {
  if (!OF_CODE.has(cause) || fault === null || countBefore > 0) return null;
  const changed = new Map(
    changes.packages.flatMap((one) => (one.to === null || one.from === null ? [] : [[one.name, one] as const])),
  );
  const thrown = fault.frames.map(({ file: at }) => packageAt(at)).filter((name) => name !== null);
  const place = ownPlace(fault);
  const text = place === null ? null : file(place.file);
  const line = fault.sourceLine ?? text?.split('\n')[(place?.line ?? 0) - 1] ?? '';
  const used = text === null ? [] : usedOn(line, importsOf(text));
  return first([...thrown.slice(0, 1), ...used], changed) ?? inMessage(fault.message, changed);
}

/** `require() of ES Module …/node_modules/chalk/index.js not supported`. */
const inMessage = (message: string, changed: ReadonlyMap<string, PackageChange>): PackageChange | null => {
  const name = packageAt(message.split(/\s/).find((word) => word.includes('node_modules/')) ?? '');
  return name === null ? null : (changed.get(name) ?? null);
};

const first = (names: readonly string[], changed: ReadonlyMap<string, PackageChange>): PackageChange | null =>
  names.map((name) => changed.get(name)).find((change) => change !== undefined) ?? null;

const BY_STEP: Readonly<Record<Step, number>> = { major: 0.88, minor: 0.8, patch: 0.7, added: 0.5, removed: 0.5 };

function ofPackage(cause: Known, change: PackageChange, lockFile: string): Known {
  const place = cause.fault === null ? null : ownPlace(cause.fault);
  const at = place === null ? '' : ` at ${placeText(place)}`;
  return {
    ...cause,
    cause: 'dependency-changed',
    subject: change.name,
    confidence: BY_STEP[change.step],
    title: `${packageText(change)}, and what uses it fails${at}: ${cause.title}`,
    evidence: [...cause.evidence, packageEvidence(change, lockFile)],
    remedy: packageRemedy(change),
  };
}

/** Back to the version that worked; a command where its words are a package's name and a version. */
export function packageRemedy({ name, from }: PackageChange): Cause['remedy'] {
  const [what, version] = [quotable('package', name), quotable('version', from)];
  return {
    text: `See what ${name} changed (its changelog), and change the code; until then go back to the version before.`,
    ...(what === null || version === null ? {} : { command: `npm install ${what}@${version}` }),
  };
}
