/** One running deployment: its state as people see it, its log of facts, its undos, and what it waits for. */
import {
  CancellationScope,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeploymentStatus, PhaseStatus, Timing, WaitingFor } from '../../domain/deployment';
import type { ApprovalState } from '../../domain/approvals/decide';
import type { AskedWaiver, GivenWaiver } from '../../domain/approvals/waivers';
import type { KeyUse } from '../../domain/identity/identity';
import type { NotifierSpec } from '../../domain/spec/spec';
import { currentDetails } from '../../domain/reports/current-details';
import { noticeOf } from '../../domain/reports/notice';
import type { Outcome, Phase, StepState, Tier } from '../../domain/words';
import { status } from '../messages';
import { SEARCH_ATTRIBUTES } from '../search-attributes';
import { describeFailure, type FailureFacts } from './failure';
import type { Heard } from './hear';
import { Journal, type Noted } from './journal';
import { Pace } from './pace';
import { Steering } from './steering';
import { makesRoom } from './makes-room';
import { Proofs } from './proofs';
import { call } from './proxies';
import { newStatus, waitingPhase, type Beginning, type Mutable } from './new-status';
import { ReleaseViews } from './release-views';
import { Saga } from './saga';

/** What a step says when it is done. */
export interface StepResult<T> {
  readonly value: T;
  readonly summary: string;
}

export class Deployment extends ReleaseViews {
  readonly saga = new Saga();
  readonly status: Mutable<DeploymentStatus>;
  readonly journal: Journal;
  notifiers: readonly NotifierSpec[];
  /** Set while an approval is waited for. */
  approval:
    | (ApprovalState & { answer: 'approved' | 'rejected' | null; reason: string; readonly keys: readonly KeyUse[] })
    | null = null;
  approvedWith: readonly KeyUse[] = []; // keys that signed the approvals that counted
  approvalEnded: string | null = null; // how the last wait for an approval ended
  waiver: AskedWaiver | null = null; // set while one is waited for
  readonly waivers: GivenWaiver[] = []; // those that counted
  freezeWaived = false; // by a named person, who let this deployment through
  anchored = true; // whether the head of the audit log is written down elsewhere at the end
  readonly heard: Heard = { freezesChanged: false, tellEnd: false };
  /** Why an abort would come too late; null while it would count. */
  tooLate: string | null = null;
  aborted: string | null = null;
  superseded: string | null = null; // by which newer deployment; it was aborted then as well
  readonly noWait: boolean; // nobody is there to waive anything
  readonly pace: Pace;
  /** Set when it is being undone. */
  stoppedBy: FailureFacts | null = null;
  readonly steering: Steering;
  readonly proofs: Proofs;

  private readonly scope = new CancellationScope();
  /** What operators filter by and what never changes; set with the first phase. */
  private unfiled: { readonly key: (typeof SEARCH_ATTRIBUTES)['app']; readonly value: string }[];

  constructor(beginning: Beginning) {
    super();
    const { workflowId, runId } = workflowInfo();
    this.notifiers = beginning.notify;
    this.noWait = beginning.noWait ?? false;
    this.unfiled = [
      { key: SEARCH_ATTRIBUTES.app, value: beginning.app },
      { key: SEARCH_ATTRIBUTES.requester, value: beginning.requester },
      { key: SEARCH_ATTRIBUTES.strategy, value: beginning.strategy },
    ];
    this.status = newStatus(beginning, workflowId, runId);
    this.journal = new Journal(this.status, beginning.kind === 'policy' ? null : this.status);
    this.proofs = new Proofs(this.status);
    this.pace = new Pace(this.status, (sentence) => this.tellLate(sentence));
    this.steering = new Steering(this, beginning.patience, beginning.environment);
    setHandler(status, () => ({ ...this.status, supersedable: makesRoom(this) }), {
      description: 'Where the deployment stands, what it waits for, and every message that came',
    });
    this.note('deployment.started', `${beginning.kind} of ${beginning.app} ${beginning.version}`, {
      by: beginning.requester,
    });
  }

  /** Who holds the router's lease. */
  get holder(): string {
    return `${this.status.deployment}/${this.status.run}`;
  }

  /** Runs the work so that an abort cancels all of it; when it is through, an abort comes too late. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const value = await this.scope.run(work);
    this.tooLate = 'everything is done and proven already; `mvca rollback` goes back';
    return value;
  }

  /** Why it is too late for anything but an undo; null: it is not. */
  get undoing(): string | null {
    if (this.tooLate !== null || !this.scope.consideredCancelled) return this.tooLate;
    return `it is being undone already: ${this.aborted ?? 'it was cancelled'}`;
  }

  abort(reason: string): void {
    this.aborted = reason;
    this.scope.cancel();
  }

  /** Begins a phase; what was noted until now is written before anything of it happens. */
  async enter(phase: Phase, environment: Tier | null): Promise<void> {
    if (this.steering.holds) await this.steering.over(phase);
    this.begin(phase, environment);
    await this.journal.write();
  }

  /** Begins a phase in which every moment counts: what was noted is written meanwhile. */
  begin(phase: Phase, environment: Tier | null): void {
    this.closePhase('succeeded');
    Object.assign(this.status, { phase, environment, step: '' });
    this.setPhase(phase, { state: 'running', startedAt: now() });
    this.pace.begin();
    upsertSearchAttributes([
      ...this.unfiled,
      { key: SEARCH_ATTRIBUTES.phase, value: phase },
      { key: SEARCH_ATTRIBUTES.environment, value: environment ?? this.status.environment },
    ]);
    this.unfiled = [];
    this.note('phase.started', phase);
    this.show();
    this.writeSoon();
  }

  closePhase(state: PhaseStatus['state'], summary?: string): void {
    const current = this.status.phases.find((phase) => phase.state === 'running');
    this.pace.end();
    if (current?.startedAt == null) return;
    const seconds = (Date.now() - Date.parse(current.startedAt)) / 1000;
    this.setPhase(current.phase, { state, seconds, ...(summary === undefined ? {} : { summary }) });
  }

  /** What the phases will be; those that it has already stay as they are. */
  expect(phases: readonly Phase[]): void {
    const known = this.status.phases;
    this.status.phases = phases.map((phase) => known.find((row) => row.phase === phase) ?? waitingPhase(phase));
  }

  setPhase(phase: Phase, change: Partial<PhaseStatus>): void {
    this.status.phases = this.status.phases.map((row) => (row.phase === phase ? { ...row, ...change } : row));
  }

  /** Said once, however often it is seen. */
  warn(...warnings: readonly string[]): void {
    this.status.warnings = [...new Set([...this.status.warnings, ...warnings])];
  }

  setVersion(version: string): void {
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.version, value: version }]);
  }

  /** Why a step ended early: the person's reason, where a person ended it. */
  sayWhy(error: unknown): string {
    return this.aborted ?? describeFailure(error).message;
  }

  /** One named step: told when it starts, and how it ended. */
  async step<T>(name: string, starting: string, work: () => Promise<StepResult<T>>): Promise<T> {
    if (this.steering.holds) await this.steering.over(name);
    this.status.step = name;
    this.tell(name, 'started', starting);
    try {
      const { value, summary } = await work();
      // What was under way when an abort came may have been done nevertheless; the undo knows how to take it back.
      if (CancellationScope.current().consideredCancelled) await CancellationScope.current().cancelRequested;
      this.tell(name, 'succeeded', summary);
      return value;
    } catch (error) {
      // A gate has said its no already.
      if (describeFailure(error).type !== 'GateRefused') this.tell(name, 'failed', this.sayWhy(error));
      throw error;
    }
  }

  tell(step: string, state: StepState, summary: string): void {
    const { phase, steps, environment } = this.status;
    this.status.steps = [...steps, { sequence: steps.length + 1, at: now(), phase, environment, step, state, summary }];
    this.setPhase(phase, { summary });
    this.note(`step.${state}`, `${step}: ${summary}`, { facts: { step } });
    this.show();
  }

  private async tellLate(sentence: string): Promise<void> {
    this.warn(sentence);
    this.note('phase.late', sentence);
    this.show();
    await this.notify('late', sentence);
  }

  waitFor(waiting: WaitingFor | null): void {
    this.status.waitingFor = waiting;
    this.show();
  }

  /** What was measured, for forecasts. */
  timed(timing: Timing): void {
    this.status.timings = [...(this.status.timings ?? []), timing];
  }

  /** @param more who did it (`mvca` when nobody is named), and plain facts. */
  note(action: string, summary: string, more: Noted = {}): void {
    this.journal.note(action, summary, more);
  }

  /** Writes when nobody needs to wait for it. */
  writeSoon(): void {
    void this.journal.write();
  }

  /** Tells the notifiers how it stands now, in the sentence that stands everywhere. @param text in place of that sentence */
  async notify(event: string, text?: string): Promise<void> {
    if (this.notifiers.length === 0) return;
    try {
      const failed = await call(
        'notify',
        `tell the notifiers: ${event}`,
      )({ notifiers: this.notifiers, ...noticeOf(this.status, event), ...(text && { text }) });
      this.status.failures = [...this.status.failures, ...failed];
    } catch (error) {
      this.status.failures = [...this.status.failures, `notifiers: ${describeFailure(error).message}`];
    }
  }

  end(outcome: Outcome, reason: string | null): void {
    this.tooLate = `the deployment has ended: ${outcome}`;
    Object.assign(this.status, { outcome, reason, waitingFor: null, pause: null });
    upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.outcome, value: outcome }]);
    this.note('outcome', reason === null ? outcome : `${outcome}: ${reason}`, { facts: { outcome } });
    this.show();
  }

  show(): void {
    setCurrentDetails(currentDetails(this.status));
  }
}

const now = (): string => new Date(Date.now()).toISOString();
