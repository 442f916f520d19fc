/** The one sentence that says how a deployment stands, the same in the terminal, `status`, the Web UI, notifications and reports. */
import type { DeploymentStatus, PauseView, WaitingFor } from '../deployment';
import type { Diagnosis, Impact } from '../diagnosis/answer';
import { percent } from '../numbers';
import type { Forecast } from '../plan/forecast';
import type { Phase, Why } from '../words';
import { clock, count, duration } from './words';
import { trimEnd } from '../trim-end';

/** Value, limit, samples and source in one clause: `errors 11.8 %, limit 1 % (47 of 398 answers; source: router)`. */
export function whySentence(why: Why): string {
  return `${why.measure} ${why.value}, limit ${why.limit} (${why.samples}; source: ${why.source})`;
}

type Told = Pick<
  DeploymentStatus,
  | 'app'
  | 'version'
  | 'kind'
  | 'phase'
  | 'environment'
  | 'step'
  | 'outcome'
  | 'reason'
  | 'why'
  | 'waitingFor'
  | 'pause'
  | 'plan'
  | 'releases'
> &
  // States that were stored by older versions have none.
  Partial<Pick<DeploymentStatus, 'diagnosis' | 'watches' | 'unfinished' | 'weaker' | 'phases'>>;

/** How it ended, why, and the likely cause; or what it does now, or waits for. One sentence without secrets. */
export function outcomeSentence(status: Told): string {
  const subject = `${weakerWords(status.weaker)}${status.app} ${status.version}`.trimEnd();
  if (status.outcome === null) return `${subject} ${runningClause(status)}`;
  const reason = status.outcome === 'succeeded' ? provenBy(status) : reasonOf(status);
  const why = reason === null ? '' : `: ${withoutFullStop(reason)}`;
  const cause = status.outcome === 'succeeded' ? null : causeClause(status.diagnosis);
  return `${subject} ${endClause(status)}${why}${cause === null ? '' : `; ${cause}`}.`;
}

/** Above everything: `The spec asks for a weaker approval of production: …. `; nothing where it does not. */
function weakerWords(weaker: readonly string[] = []): string {
  return weaker.map((words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}. `).join('');
}

/** What the last watch of the last environment said; null where none found it healthy. */
function provenBy({ environment, watches = [], reason }: Told): string | null {
  const last = watches.findLast((watch) => watch.environment === environment);
  return last?.verdict === 'healthy' ? last.reason : reason;
}

/** ``likely cause: STRIPE_WEBHOOK_SECRET is not set; `mvca secrets set …` ``: the best cause and the command that mends it; null without. */
export function causeClause(diagnosis: Diagnosis | null | undefined): string | null {
  const [best] = diagnosis?.causes ?? [];
  if (best === undefined) return null;
  const { title, remedy } = best;
  return `likely cause: ${withoutFullStop(title)}${remedy.command === undefined ? '' : `; \`${remedy.command}\``}`;
}

/** Whom it hit: `about 31 of 40 clients (77.5 %) saw an error; 47 of 398 requests to the new release failed (11.8 %)`. */
export function impactSentence({ requests, failed, cut = 0, waiting = 0, clients, clientsAffected }: Impact): string {
  const cutOff = cut === 0 ? '' : `, ${count(cut)} of these had no answer when it was taken away and were cut off`;
  const late = waiting === 0 ? '' : `; ${count(waiting)} more have waited for an answer for longer than it may take`;
  const answers = `${count(failed)} of ${count(requests)} requests to the new release failed (${percent(failed, requests)})${cutOff}${late}`;
  if (clients === null || clientsAffected === null) return answers;
  const share = percent(clientsAffected, clients);
  return `about ${count(clientsAffected)} of ${count(clients)} clients (${share}) saw an error; ${answers}`;
}

/** `open: 1.1.0 is kept and runs`, with the time when it closes, where it will. */
export const wayBackSentence = ({ open, reason, closes }: DeploymentStatus['wayBack']): string =>
  `${open ? 'open' : 'closed'}: ${withoutFullStop(reason)}${closes === null ? '' : `, closes ${clock(closes)}`}`;

/** The reason of a halt with its figures, where it has any. */
export function reasonOf(status: Pick<Told, 'reason' | 'why'>): string | null {
  if (status.why === null) return status.reason;
  const figures = whySentence(status.why);
  if (status.reason === null) return figures;
  return saysAll(status.reason, status.why) ? status.reason : `${withoutFullStop(status.reason)}: ${figures}`;
}

/** `waits for approval by ana or bo (0 of 1 given), until …, then …`. */
export function waitingSentence(waiting: WaitingFor): string {
  const until = `until ${clock(waiting.deadline)}, then ${withoutFullStop(waiting.then)}`;
  const who = peopleWords(waiting);
  switch (waiting.kind) {
    case 'approval':
      return `waits for approval by ${who} (${waiting.given} of ${waiting.needs} given), ${until}`;
    case 'variables':
      return `waits for variables that have no value, ${until}`;
    case 'freeze':
      return `is parked by ${withoutFullStop(waiting.about ?? 'a freeze')}, ${until}`;
    case 'person':
      return waiting.about === undefined
        ? `waits for a decision by ${who}, ${until}`
        : `waits for a decision by ${who}, as ${withoutFullStop(waiting.about)}; ${until}`;
  }
}

/** `ana or bo`; `anybody but ana, who asked for it`. */
export function peopleWords({ from, notBy }: Pick<WaitingFor, 'from' | 'notBy'>): string {
  if (from.length === 0) return notBy === undefined ? 'anybody who may' : `anybody but ${notBy}, who asked for it`;
  const others = from.filter((name) => name !== notBy);
  return others.length === 0 ? `nobody, as ${from.join()} asked for it` : others.join(' or ');
}

/** Of a phase that is past the mark of 19 in 20: `watch takes longer than 19 of 20 before: over 4 min (from 12 before)`. */
export const lateSentence = (phase: Phase, seconds: number, { from }: Forecast): string =>
  `${phase} takes longer than 19 of 20 before: over ${duration(seconds)} (from ${from} before)`;

/** `is paused by ana since …: looks odd; until …, then everything is undone; `mvca resume shop` goes on`. */
export function pauseSentence({ by, reason, since, deadline, then, answer, before }: PauseView): string {
  const what = before === null ? '' : ` before ${before}`;
  return `is paused${what} by ${by} since ${clock(since)}: ${withoutFullStop(reason)}; until ${clock(deadline)}, then ${then}; \`${answer}\` goes on`;
}

function endClause(status: Told): string {
  const place = status.environment === null ? '' : ` in ${status.environment}`;
  switch (status.outcome) {
    case 'succeeded':
      return status.kind === 'rollback' ? `serves again${place}` : `serves${place}`;
    case 'rejected':
      return `was rejected; the last environment was never changed${leftServing(status)}`;
    case 'rolled-back':
      return `was rolled back${place}${target(status)}${leftServing(status)}`;
    case 'rollback-failed':
      return `could not be rolled back completely${place}; a person must look${left(status)}`;
    case null:
      return '';
  }
}

/** What a person does about each thing; one command may finish several. */
function left({ unfinished = [] }: Told): string {
  const commands = [...new Set(unfinished.map(({ command }) => command))];
  const doneBy = (command: string): string =>
    unfinished.flatMap((each) => (each.command === command ? [`to ${each.does}`] : [])).join(' and ');
  return commands.map((command) => `; ${doneBy(command)}: \`${command}\``).join('');
}

/** Environments before go on with what the last one refused, so that it can be looked at there; nobody must think otherwise. */
function leftServing({ app, version, kind, environment, phases = [], releases, plan }: Told): string {
  if (kind !== 'deploy') return '';
  const isProven = (name: string): boolean =>
    phases.some(({ phase, state }) => phase === name && state === 'succeeded');
  const left = releases.filter(
    (each) =>
      each.environment !== environment && each.version === version && each.weight > 0 && isProven(each.environment),
  );
  const back = (name: string): string => {
    const target = plan?.environments.find((planned) => planned.environment === name)?.target ?? null;
    return target === null ? '' : ` (back to ${target.version}: \`mvca rollback ${app} --environment ${name}\`)`;
  };
  return left.map((each) => `; ${each.environment} goes on serving ${version}${back(each.environment)}`).join('');
}

function target(status: Told): string {
  const planned = status.plan?.environments.find(({ environment }) => environment === status.environment);
  if (planned === undefined) return '';
  return planned.target === null ? ', and nothing serves, as before' : `, and ${planned.target.version} serves`;
}

function runningClause(status: Told): string {
  const held = status.pause === null ? [] : [pauseSentence(status.pause)];
  if (status.waitingFor !== null) return `${[waitingSentence(status.waitingFor), ...held].join(', and ')}.`;
  const reason = reasonOf(status);
  if (status.reason !== null && reason !== null) return `was halted and is being undone: ${withoutFullStop(reason)}.`;
  if (status.pause !== null) return `${held.join()}.`;
  const place = status.environment === null || status.environment === status.phase ? '' : ` of ${status.environment}`;
  const step = withoutFullStop(status.step);
  return `is in ${status.phase}${place}${step === '' ? '' : `: ${step}`}.`;
}

const saysAll = (reason: string, why: Why): boolean => reason.includes(why.value) && reason.includes(why.limit);

const withoutFullStop = (text: string): string => trimEnd(text.trim(), '.');
