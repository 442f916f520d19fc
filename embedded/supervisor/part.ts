/** Keeps one part of the engine running: starts it, waits until it serves, starts it again when it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../system/process-identity';
import type { ProcessIdentity } from '../../system/process-identity';
import { EngineRefusal } from '../engine';
import type { PartName, PartStateName, PartStatus } from '../engine';
import type { Running } from './launch';

const BACK_OFF = { firstMs: 200, factor: 2, longestMs: 10_000 };
/** Who ran so long is started again at once, as if it had never failed. */
const STEADY_MS = 10_000;
const READY_POLL_MS = 50;

export interface PartDefinition {
  readonly name: PartName;
  /** The first time: goes on with what runs already, if it serves; clears away everything else of this part. */
  readonly adopt: () => Promise<Running | null>;
  /** @throws EngineRefusal when starting it again would not help. */
  readonly start: () => Promise<Running>;
  readonly isReady: (identity: ProcessIdentity) => Promise<boolean>;
  /** How long it may take until it serves; then it is stopped and started again. */
  readonly startMs: number;
  readonly stop: (identity: ProcessIdentity) => Promise<void>;
  readonly address: () => string | null;
}

export class Part {
  private status: Omit<PartStatus, 'address'> = {
    state: 'waiting',
    pid: null,
    restarts: 0,
    since: Date.now(),
    reason: null,
  };
  private readonly stopping = new AbortController();
  private current: Running | null = null;
  private loop: Promise<void> = Promise.resolve();
  private failures = 0;
  private leaves = false;
  private readonly aborted: Promise<null>;

  constructor(
    private readonly definition: PartDefinition,
    private readonly log: (line: string) => void,
  ) {
    const { signal } = this.stopping;
    this.aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  }

  read(): PartStatus {
    return { ...this.status, address: this.definition.address() };
  }

  /** Begins to keep it, once `after` (what it needs) is fulfilled. */
  keep(after: Promise<unknown> = Promise.resolve()): void {
    this.loop = this.run(after);
  }

  /** Resolves when it serves, or never will. */
  async whenServing(): Promise<void> {
    while (!['running', 'refused', 'stopped'].includes(this.status.state)) await sleep(READY_POLL_MS);
  }

  /** Ends the process that runs now; the loop starts another. */
  async replace(reason: string): Promise<void> {
    if (this.current === null) return;
    this.log(`${this.definition.name} is started again: ${reason}`);
    await this.definition.stop(this.current.identity);
  }

  /** Stops keeping it; its process is stopped too, unless `leave`. */
  async stop(leave = false): Promise<void> {
    this.leaves = leave;
    this.stopping.abort();
    const running = this.current;
    if (running !== null && !leave) {
      this.change('stopping', null);
      await this.definition.stop(running.identity);
    }
    await this.loop;
    this.change('stopped', null);
  }

  private async run(after: Promise<unknown>): Promise<void> {
    await Promise.race([after, this.aborted]);
    let first = true;
    while (!this.stopping.signal.aborted) {
      try {
        const running: Running = (first ? await this.definition.adopt() : null) ?? (await this.begin());
        first = false;
        await this.accompany(running);
      } catch (error) {
        if (error instanceof EngineRefusal) return this.change('refused', error.message);
        this.change('backing-off', (error as Error).message);
      }
      await this.backOff();
    }
  }

  private async begin(): Promise<Running> {
    this.change('starting', this.status.reason);
    return this.definition.start();
  }

  /** From the start of a process to its end. */
  private async accompany(running: Running): Promise<void> {
    this.current = running;
    const { pid } = running.identity;
    this.status = { ...this.status, pid };
    const begun = performance.now();
    // `stop` may have come while it was being started, and could not see it then.
    if (this.stopping.signal.aborted && !this.leaves) await this.definition.stop(running.identity);
    if (await this.becomesReady(running)) this.change('running', null);
    const how = await Promise.race([running.ended, this.aborted]);
    if (how === null) return;
    this.current = null;
    if (performance.now() - begun >= STEADY_MS) this.failures = 0;
    this.status = { ...this.status, pid: null };
    this.change('backing-off', how);
  }

  private async becomesReady(running: Running): Promise<boolean> {
    const deadline = performance.now() + this.definition.startMs;
    while (!this.stopping.signal.aborted && isAlive(running.identity)) {
      if (await this.definition.isReady(running.identity)) return true;
      if (performance.now() > deadline) {
        this.log(`${this.definition.name} does not serve after ${this.definition.startMs / 1_000} s and is stopped`);
        await this.definition.stop(running.identity);
        return false;
      }
      await sleep(READY_POLL_MS);
    }
    return false;
  }

  private async backOff(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const waitMs = Math.min(BACK_OFF.firstMs * BACK_OFF.factor ** this.failures, BACK_OFF.longestMs);
    this.failures += 1;
    this.status = { ...this.status, restarts: this.status.restarts + 1 };
    await Promise.race([sleep(waitMs), this.aborted]);
  }

  private change(state: PartStateName, reason: string | null): void {
    if (state !== this.status.state || reason !== this.status.reason) {
      this.log(`${this.definition.name}: ${state}${reason === null ? '' : ` (${reason})`}`);
    }
    this.status = { ...this.status, state, reason, since: Date.now() };
  }
}
