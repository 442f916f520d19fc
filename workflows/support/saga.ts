/**
 * The undo of every step, registered before the step acts: a step that timed out may still have acted. Undos are idempotent, run
 * newest first where nothing can cancel them, and one that fails keeps no other from running.
 */
import { CancellationScope } from '@temporalio/workflow';
import { undoLimitMs, type Leaves } from '../../domain/rollback';
import type { EnvironmentSpec } from '../../domain/spec/spec';
import { formatDuration } from '../../domain/units';
import type { Tier } from '../../domain/words';
import { describeFailure } from './failure';
import { onWayBack } from './urgency';
import { within } from './within';

export interface Undo {
  readonly environment: Tier;
  readonly step: string;
  /** What it will do, in words. */
  readonly does: string;
  /** What stays when it fails: it bounds the time, and names the command that finishes it. */
  readonly leaves: Leaves & { readonly in: EnvironmentSpec };
  /** Answers what it did. */
  readonly act: () => Promise<string>;
}

export interface Undone {
  readonly undo: Undo;
  /** null: it worked. */
  readonly error: string | null;
  readonly summary: string;
}

export class Saga {
  private undos: Undo[] = [];
  /** Undos of what is there to stay, oldest first; a person's no may still ask for them. */
  private settled: Undo[] = [];
  private readonly provenIn = new Set<Tier>();

  register(undo: Undo): void {
    this.undos.push(undo);
  }

  /** What was changed in this environment is there to stay. */
  proven(environment: Tier): void {
    this.settled = [...this.settled, ...this.undos.filter((undo) => undo.environment === environment)];
    this.undos = this.undos.filter((undo) => undo.environment !== environment);
    this.provenIn.add(environment);
  }

  isProven(environment: Tier): boolean {
    return this.provenIn.has(environment);
  }

  /** What was there to stay is not: it will be undone too, after all that came later. */
  reopen(): void {
    this.undos = [...this.settled, ...this.undos];
    this.settled = [];
    this.provenIn.clear();
  }

  hasChanged(environment: Tier): boolean {
    return this.undos.some((undo) => undo.environment === environment);
  }

  /** Milliseconds that all undos together may take. */
  get withinMs(): number {
    return this.undos.reduce((sum, { leaves }) => sum + undoLimitMs(leaves, leaves.in), 0);
  }

  /** Undoes everything, newest first; `tell` hears of each. @param isTimed that each has its time, and is given up after it */
  async undoAll(isTimed: boolean, tell: (undone: Undone) => void): Promise<void> {
    const undoAll = async (): Promise<void> => {
      for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) tell(await attempt(undo, isTimed));
    };
    await CancellationScope.nonCancellable(() => onWayBack(undoAll));
  }
}

async function attempt(undo: Undo, isTimed: boolean): Promise<Undone> {
  if (!isTimed) return done(undo, undo.act());
  const limitMs = undoLimitMs(undo.leaves, undo.leaves.in);
  const begun = Date.now();
  const first = await inTime(undo, limitMs);
  // Nothing of ours ran for a while: that was no time for the undo.
  const wasAway = Date.now() - begun > limitMs + AWAY_MS;
  return first.error !== null && wasAway ? inTime(undo, limitMs) : first;
}

/** A deadline that is heard of so much later passed while the engine was away. */
const AWAY_MS = 30_000;

/** What hangs is given up: the next undo has its turn. */
async function inTime(undo: Undo, limitMs: number): Promise<Undone> {
  const end = await within(limitMs, `deadline for: ${undo.does}`, () => done(undo, undo.act()));
  return end?.value ?? failed(undo, `not done within ${formatDuration(limitMs)}, and given up`);
}

async function done(undo: Undo, acting: Promise<string>): Promise<Undone> {
  try {
    return { undo, error: null, summary: await acting };
  } catch (error) {
    return failed(undo, describeFailure(error).message);
  }
}

const failed = (undo: Undo, error: string): Undone => ({
  undo,
  error,
  summary: `not undone: ${undo.does}: ${error}`,
});
