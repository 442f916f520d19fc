/** Whether a deployment goes on by itself: people may hold its next step, let it go on, and end a watch early. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { Doing, SteeringState } from '../../domain/approvals/steer';
import type { ApprovalSpec, EnvironmentSpec } from '../../domain/spec/spec';
import type { Tier } from '../../domain/words';
import type { Deployment } from './deployment';

export interface Promotion {
  readonly by: string;
  readonly reason: string;
}

/** Milliseconds for which people are waited for in each environment. */
export type Patience = Readonly<Partial<Record<Tier, number>>>;

/** Of each environment, how long its spec has people waited for. */
export const patienceOf = (environments: readonly EnvironmentSpec[]): Patience =>
  Object.fromEntries(environments.map(({ name, watch }) => [name, watch.deadlineMs]));

const HOUR_MS = 3_600_000;

export class Steering {
  /** Users may meet a release that nobody proved, or none at all: nothing waits between its steps, and its watch goes on while it is paused. */
  exposed = false;
  /** Why nothing can be held any more, although the deployment has not ended; null: it can. */
  closed: string | null = null;
  /** Who ended the running watch. */
  promotion: Promotion | null = null;
  private watched: ApprovalSpec | 'anybody' | null = null;
  private pauses = 0;

  /** @param last the environment whose patience counts before any is entered. */
  constructor(
    private readonly deployment: Deployment,
    private readonly patience: Patience,
    private readonly last: Tier,
  ) {}

  get isPaused(): boolean {
    return this.deployment.status.pause !== null;
  }

  /** The next step has to wait. */
  get holds(): boolean {
    return this.isPaused && !this.exposed;
  }

  /** What the decisions about messages go by. */
  get state(): SteeringState {
    const { status, undoing } = this.deployment;
    return {
      tooLate: undoing ?? this.closed,
      pause: status.pause,
      promotedBy: this.promotion?.by ?? null,
      doing: this.doing,
    };
  }

  pause(by: string, reason: string): void {
    const { status } = this.deployment;
    const ms = this.patience[status.environment ?? this.last] ?? HOUR_MS;
    const deadline = iso(Date.now() + ms);
    const answer = `mvca resume ${status.app}`;
    status.pause = { by, reason, since: iso(Date.now()), deadline, then: 'everything is undone', answer, before: null };
    void this.expire(++this.pauses, ms);
  }

  /** Ends the pause, where there is one. */
  end(): void {
    this.deployment.status.pause = null;
  }

  promote(promotion: Promotion): void {
    if (this.watched !== null) this.promotion = promotion;
    this.end();
  }

  /** After the last environment is proven nothing comes that could be held. */
  beginProof(environment: Tier): void {
    if (environment === this.last)
      this.closed =
        'too late: the last watch is over and the release is being proven; `mvca rollback` goes back afterwards';
  }

  /** Waits until nobody holds the step any more. */
  async over(step: string): Promise<void> {
    const { status } = this.deployment;
    while (status.pause !== null) {
      status.pause = { ...status.pause, before: step };
      this.deployment.show();
      await condition(() => !this.isPaused);
    }
  }

  /** Milliseconds until the pause's deadline, at least none. */
  leftMs(): number {
    const { pause } = this.deployment.status;
    return pause === null ? 0 : Math.max(0, Date.parse(pause.deadline) - Date.now());
  }

  /** While this goes on, a promotion can end it. */
  async watching<T>(policy: ApprovalSpec | null, work: () => Promise<T>): Promise<T> {
    this.watched = policy ?? 'anybody';
    try {
      return await work();
    } finally {
      this.watched = null;
      this.promotion = null;
    }
  }

  private get doing(): Doing {
    const { approval, waiver, status } = this.deployment;
    const { watched } = this;
    if (watched !== null) {
      const policy = watched === 'anybody' ? null : watched;
      return { kind: 'watch', requester: status.requester, policy, held: waiver !== null };
    }
    if (approval !== null) return { kind: 'approval' };
    if (waiver !== null) return { kind: 'waiver' };
    return this.exposed ? { kind: 'exposed' } : { kind: 'step', name: status.step };
  }

  /** Every state has a deadline: a pause that nobody ended is an abort. */
  private async expire(pause: number, ms: number): Promise<void> {
    const { status } = this.deployment;
    const isOver = (): boolean => !this.isPaused || this.pauses !== pause;
    const ended = await CancellationScope.nonCancellable(() =>
      condition(isOver, ms, { summary: 'deadline of the pause' }),
    );
    if (ended || status.pause === null) return;
    const { by, reason, deadline } = status.pause;
    const words = `paused by ${by}, and nobody resumed it before the deadline, ${deadline}: ${reason}`;
    this.deployment.note('pause.expired', words);
    this.deployment.abort(words);
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
