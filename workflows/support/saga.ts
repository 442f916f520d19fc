/**
 * The undo of every step, registered before the step acts: a step that timed out may still have acted. Undos are idempotent, run
 * newest first where nothing can cancel them, and one that fails keeps no other from running.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { Tier } from '../../domain/words';
import { describeFailure } from './failure';

export interface Undo {
  readonly environment: Tier;
  readonly step: string;
  /** What it will do, in words. */
  readonly does: string;
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

  /** Undoes everything, newest first; `tell` hears of each. */
  async undoAll(tell: (undone: Undone) => void): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (let undo = this.undos.pop(); undo !== undefined; undo = this.undos.pop()) tell(await attempt(undo));
    });
  }
}

async function attempt(undo: Undo): Promise<Undone> {
  try {
    return { undo, error: null, summary: await undo.act() };
  } catch (error) {
    const { message } = describeFailure(error);
    return { undo, error: message, summary: `not undone: ${undo.does}: ${message}` };
  }
}
