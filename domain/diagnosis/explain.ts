/** Why did this release fail? From its logs, its figures, and what changed since the release before. */
import type { Cause, Context, Diagnosis, Evidence, Looked } from './answer';
import { changesBetween, packageEvidence, packageText, type Changes } from './changes';
import { findCauses, rank, type Known, type Logs } from './diagnose';
import type { Facts, ReleaseFacts } from './facts';
import { lookAtFailingRoutes, lookAtHealth, lookAtSlowRoutes } from './figures/answers';
import { endEvidence, lookAtEnds } from './figures/ends';
import type { FigureCause, LookAtFigures } from './figures/finding';
import { lookAtMemory } from './figures/memory';
import { lookAtProcessor } from './figures/processor';
import { impactOf } from './impact';
import { isDisproved } from './measured';
import type { Mark } from '../judge/readings';
import { packageRemedy, weigh } from './weigh';

const LOOKS: readonly LookAtFigures[] = [
  lookAtMemory,
  lookAtProcessor,
  lookAtHealth,
  lookAtSlowRoutes,
  lookAtFailingRoutes,
  lookAtEnds,
];
/** Say that it fails and where, and not why: beside a cause that does, they are its evidence. */
const VAGUE = new Set(['failing-route', 'crash-loop']);
/** A cause that is likely enough to be left to speak alone. */
const LIKELY = 0.5;
/** Of two sources that say the same each makes the other more likely. */
const AGREED = 0.05;
const MOST_CHANGES = 5;

export interface Question {
  readonly facts: Facts;
  readonly logs: Logs;
  readonly context: Context;
  /** Text of a file of the application; null where it cannot be read here. */
  readonly file?: (path: string) => string | null;
  /** Folders that the applications lie in, with a slash at the end: left out of what is told. */
  readonly roots?: readonly string[];
  /** Where the counting begins; null: when the router started. */
  readonly mark?: Mark | null;
  /** The router process that counted. */
  readonly epoch?: string | null;
}

/** Best first. Quoted lines are masked, values of variables are in nothing. Pure: the same facts have the same answer. */
export function explain(question: Question): Diagnosis {
  const { facts, logs, context, file = () => null, roots = [], mark = null, epoch = null } = question;
  const changes = changesBetween(facts.old, facts.fresh);
  const found = findCauses(logs, context);
  const { release, figures } = facts.fresh;
  const told = found.causes
    .filter((cause) => !isDisproved(cause, facts))
    .map((cause) => weigh(cause, { changes, release, context, file }));
  const seen = LOOKS.flatMap((look) => look(facts));
  const causes = rank(joined(told, seen, facts));
  const isKnown = causes.some(({ confidence }) => confidence >= LIKELY);
  const guesses = isKnown ? [] : guessesFrom(changes);
  return withoutRoots(roots, {
    causes: [...causes, ...guesses].sort((a, b) => b.confidence - a.confidence),
    looked: [...found.looked, ...lookedAt(facts, changes)],
    unexplained: isKnown ? [] : found.unexplained,
    impact: impactOf({ release, figures, epoch, mark, errorStatuses: facts.errorStatuses }),
  });
}

/** Places in the code are told from the application's own folder; commands are left as they can be typed. */
function withoutRoots(roots: readonly string[], diagnosis: Diagnosis): Diagnosis {
  const short = (text: string): string => roots.reduce((left, root) => left.replaceAll(root, ''), text);
  const shortened = <T extends Evidence>(evidence: T): T => ({ ...evidence, text: short(evidence.text) });
  const causes = diagnosis.causes.map((cause) => ({
    ...cause,
    title: short(cause.title),
    evidence: cause.evidence.map(shortened),
    remedy: { ...cause.remedy, text: short(cause.remedy.text) },
  }));
  return { ...diagnosis, causes, unexplained: diagnosis.unexplained.map(shortened) };
}

/** One list: what both logs and figures say is one cause; what says only that it fails is evidence of the best other one. */
function joined(told: readonly Known[], seen: readonly FigureCause[], facts: Facts): Known[] {
  const byFigures = seen.filter(({ cause }) => !VAGUE.has(cause));
  const both = told.map((cause) => {
    const same = byFigures.find((figure) => figure.cause === cause.cause);
    return same === undefined ? cause : agreed(cause, same);
  });
  const only = byFigures.filter(({ cause }) => !told.some((one) => one.cause === cause)).map(known);
  const all = [...both, ...only];
  const best = all.reduce<Known | null>((a, b) => (a === null || b.confidence > a.confidence ? b : a), null);
  const vague = seen.filter(({ cause }) => VAGUE.has(cause));
  if (best === null || best.confidence < LIKELY || best.countBefore > 0) return [...all, ...vague.map(known)];
  const more = [...vague.flatMap(({ evidence }) => evidence), ...endsOf(best, facts)];
  return all.map((cause) => (cause === best ? { ...cause, evidence: unique([...cause.evidence, ...more]) } : cause));
}

const agreed = (cause: Known, { confidence, evidence }: FigureCause): Known => ({
  ...cause,
  confidence: Math.min(0.99, Math.max(cause.confidence, confidence) + AGREED),
  evidence: [...cause.evidence, ...evidence],
});

const known = (figure: FigureCause): Known => ({
  ...figure,
  count: 1,
  countBefore: 0,
  subject: '',
  first: NOWHERE,
  fault: null,
  isFatal: false,
});

const NOWHERE: Known['first'] = {
  source: '',
  line: 0,
  at: null,
  instance: 0,
  isRunner: false,
  level: null,
  isErrorStream: false,
  texts: [],
  json: null,
  chain: [],
  isUnhandled: false,
  isFatal: false,
};

/** What ended the process: the runner saw it end. */
const endsOf = ({ isFatal }: Known, { fresh, at }: Facts): Evidence[] =>
  isFatal
    ? fresh.instances
        .filter(({ lastExit }) => lastExit !== null)
        .slice(0, 1)
        .map((status) => endEvidence(status, at))
    : [];

const unique = (evidence: readonly Evidence[]): Evidence[] =>
  evidence.filter(
    (one, at) => evidence.findIndex(({ source, text }) => source === one.source && text === one.text) === at,
  );

/** Nothing else explains it: what is new is the first to be looked at. */
function guessesFrom(changes: Changes): Cause[] {
  return [dependencyGuess(changes), configurationGuess(changes)].filter((guess) => guess !== null);
}

function dependencyGuess({ packages, direct, lockFile }: Changes): Cause | null {
  const major = packages.filter(({ step }) => step === 'major' || step === 'minor');
  const [first, ...others] = [...major].sort((a, b) => Number(direct.has(b.name)) - Number(direct.has(a.name)));
  if (first === undefined) return null;
  return {
    cause: 'dependency-changed',
    confidence: first.step === 'major' && direct.has(first.name) ? 0.3 : 0.15,
    title: `${packageText(first)}${others.length === 0 ? '' : `, and ${others.length} more packages changed`}; nothing else was found that explains the failure`,
    count: 1,
    countBefore: 0,
    evidence: [first, ...others].slice(0, MOST_CHANGES).map((change) => packageEvidence(change, lockFile)),
    remedy: packageRemedy(first),
  };
}

function configurationGuess({ names, settings }: Changes): Cause | null {
  const texts = [...names.map(({ kind, name, how }) => `the ${kind} ${name} was ${how}`), ...settings].slice(
    0,
    MOST_CHANGES,
  );
  const [first] = texts;
  if (first === undefined) return null;
  return {
    cause: 'configuration-changed',
    confidence: 0.25,
    title: `${first}${texts.length === 1 ? '' : `, and ${texts.length - 1} more`}; nothing else was found that explains the failure`,
    count: 1,
    countBefore: 0,
    evidence: texts.map((text) => ({ source: 'release.json', at: null, text })),
    remedy: { text: 'See that the new values are right; `mvca plan` shows what a deployment would change.' },
  };
}

/** What else was looked at, so that an answer without a cause says where there is none. */
function lookedAt({ fresh, old }: Facts, changes: Changes): Looked[] {
  const of = (source: string, found: string, release: Looked['release'] = 'new'): Looked => ({
    source,
    release,
    lines: 0,
    errors: 0,
    found,
  });
  const changed = changes.packages.length + changes.names.length + changes.settings.length;
  return [
    of(
      'runner',
      `${counted(fresh.instances.length, 'instance')}, ${counted(samplesIn(fresh), 'sample')} of CPU and memory`,
    ),
    ...(fresh.figures === null
      ? []
      : [
          of(
            'router',
            `${counted(fresh.figures.requests, 'request')} on ${counted(Object.keys(fresh.figures.routes ?? {}).length, 'route')}`,
          ),
        ]),
    ...(fresh.answers.length === 0 ? [] : [of('health check', `${counted(fresh.answers.length, 'instance')} asked`)]),
    ...(fresh.unread ?? []).map(({ file, why }) => of(file, why)),
    ...(old?.unread ?? []).map(({ file, why }) => of(`${file} of ${old?.release ?? ''}`, why, 'old')),
    ...(old === null ? [] : [of('changes', `${counted(changed, 'difference')} to ${old.release}`, 'old')]),
  ];
}

const samplesIn = ({ uses }: ReleaseFacts): number =>
  Object.values(uses).reduce((sum, samples) => sum + samples.length, 0);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
