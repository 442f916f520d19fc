/** How long the current phase takes, from the application's own history, and the moment from which on it takes unusually long. */
import { CancellationScope, patched, sleep } from '@temporalio/workflow';
import type { DeploymentStatus } from '../../domain/deployment';
import { forecast, lateAfter, type PhaseTimes } from '../../domain/plan/forecast';
import { lateSentence } from '../../domain/reports/sentence';
import type { Mutable } from './new-status';

export class Pace {
  private history: PhaseTimes = {};
  private late = new CancellationScope();

  /** @param tellLate is called once a phase, with the sentence that says so. */
  constructor(
    private readonly status: Mutable<DeploymentStatus>,
    private readonly tellLate: (sentence: string) => Promise<void>,
  ) {}

  /** How long phases took before; the current one is forecast at once, and each later one as it begins. */
  know(history: PhaseTimes): void {
    this.history = history;
    this.begin();
  }

  /** A phase has begun. */
  begin(): void {
    this.end();
    const { phase } = this.status;
    const expected = forecast([phase], this.history);
    if (expected === null) return;
    this.status.eta = { phase, ...expected };
    const seconds = lateAfter(expected);
    // People take as long as they take.
    if (seconds === null || phase === 'approval' || !patched('late')) return;
    this.late = new CancellationScope();
    const work = this.late.run(async () => {
      await sleep(Math.max(1, this.startedAt() + seconds * 1000 - Date.now()), { summary: `${phase} is late then` });
      await this.tellLate(lateSentence(phase, seconds, expected));
    });
    work.catch(() => undefined); // the phase has ended
  }

  /** The phase has ended, or what remains of it is an undo, which is not in the history of what went well. */
  end(): void {
    this.status.eta = null;
    this.late.cancel();
  }

  private startedAt(): number {
    const { phases, phase } = this.status;
    return Date.parse(phases.find((row) => row.phase === phase)?.startedAt ?? '') || Date.now();
  }
}
