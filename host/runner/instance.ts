/** The life of one instance: started, adopted, started again after its end, stopped with its whole process group. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceState, InstanceStatus } from '../../domain/host/runner';
import { findLaunched, type InstanceRecord } from '../../system/instances';
import type { ListenerProof } from '../../system/listener-proof';
import { wordsOf } from '../../system/note';
import { endGroupOf } from '../../system/process-group';
import { identify, isAlive, type ProcessIdentity } from '../../system/process-identity';
import type { Confinement } from '../../system/sandbox/confined';
import { endStrays, strayWords, type Origin } from '../../system/strays';
import { backOff } from './back-off';
import { launch, launchError, type LaunchRequest } from './launch';
import type { LaunchPlan } from './launch-plan';
import { clearLeftovers } from './leftovers';
import type { OutputStream } from './stream';
import type { Use } from './use';

/** How often it is looked whether an instance lives that an earlier runner started: its end is told to nobody. */
const ADOPTED_LOOK_MS = 100;
/** Output of an ended instance may still be in the pipe. */
const FLUSH_MS = 100;

export interface Surroundings {
  readonly cwd: string;
  readonly directory: string;
  readonly mark: string | null;
  readonly confinement: Confinement | null;
  readonly out: OutputStream;
  readonly err: OutputStream;
  readonly plan: (instance: number, port: number) => LaunchPlan;
  /** What the runner itself says of the instance. */
  readonly say: (line: string) => void;
  /** Whether an ended instance may be started again: false once the release is not wanted any more. */
  readonly isWanted: () => boolean;
  /** Makes the records of all instances durable. */
  readonly save: () => Promise<void>;
}

export class Instance {
  private state: InstanceState = 'starting';
  private quickExits = 0;
  private isStopping = false;
  private heldBy: string | null = null;
  private timer: NodeJS.Timeout | null = null;
  private pending: Promise<void> = Promise.resolve();

  constructor(
    public record: InstanceRecord,
    private readonly around: Surroundings,
  ) {}

  /** Adopts what runs already; starts a process where none does. */
  begin(): Promise<void> {
    return this.work(async () => {
      const leader = this.known();
      if (leader !== null && isAlive(leader)) return this.adopt(leader);
      if (this.record.process !== null) {
        await this.clearLeftovers(this.record.process);
        this.around.say('ended while no runner was there to see it');
        const lastExit = { code: null, signal: null, at: Date.now() };
        this.record = { ...this.record, process: null, lastExit, restarts: this.record.restarts + 1 };
      }
      await this.launch();
    });
  }

  leader(): ProcessIdentity | null {
    return this.record.process;
  }

  get hasStopped(): boolean {
    return this.state === 'stopped';
  }

  /** Epoch milliseconds since when it runs without listening; null when that is not so. */
  startingSince(): number | null {
    return this.state === 'starting' && this.record.process !== null ? this.record.startedAt : null;
  }

  /** Whether it is to be known who listens on its port: it does not run, or not yet. */
  get awaitsPort(): boolean {
    return this.startingSince() !== null || (this.state === 'backing-off' && this.record.process === null);
  }

  /** Told who listens on its port while `awaitsPort`. */
  portIs(proof: ListenerProof): void {
    const holder = proof.kind === 'foreign' ? proof.holder : null;
    if (holder !== null && holder !== this.heldBy)
      this.around.say(`port ${this.record.port} is held by ${holder}: no request is sent there; end that process`);
    this.heldBy = holder;
    if (proof.kind === 'proven' && this.startingSince() !== null) this.state = 'running';
  }

  status(use: Use): InstanceStatus {
    const { instance, port, process, restarts, startedAt, lastExit } = this.record;
    const living = process !== null && this.state !== 'backing-off' ? process : null;
    const held = this.awaitsPort && this.heldBy !== null ? { heldBy: this.heldBy } : {};
    return {
      instance,
      state: this.state,
      pid: living?.pid ?? null,
      port,
      ...held,
      restarts,
      startedAt,
      lastExit,
      cpu: use.cpu,
      memoryBytes: use.memoryBytes,
    };
  }

  /** SIGTERM to the whole group, SIGKILL after `graceMs`; ends when nothing of it is left. */
  async stop(graceMs: number): Promise<void> {
    this.isStopping = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.state = 'stopping';
    await this.pending;
    const leader = this.known();
    if (leader !== null) {
      const { killed } = await endGroupOf(leader, graceMs);
      this.around.say(killed ? `killed: it did not end within ${graceMs / 1000} s after SIGTERM` : 'stopped');
    }
    const strays = await endStrays(this.origin(), graceMs);
    if (strays.length > 0) this.around.say(`ended what had left its process group: ${strayWords(strays)}`);
    await sleep(FLUSH_MS);
    await this.pending;
    this.record = { ...this.record, process: null, launching: false };
    this.state = 'stopped';
    this.flush();
    await this.around.save();
  }

  /** Its process, also where the runner was killed before it could write it down. */
  private known(): ProcessIdentity | null {
    const { process, launching, instance } = this.record;
    return process ?? (launching ? findLaunched(this.around.directory, instance) : null);
  }

  private async launch(): Promise<void> {
    if (this.isStopping) return;
    const { instance, port } = this.record;
    this.state = 'starting';
    const plan = this.around.plan(instance, port);
    if (plan.kind === 'refused') return this.notStarted(plan.reason);
    this.record = { ...this.record, launching: true, startedAt: Date.now() };
    await this.around.save();
    const { cwd, confinement, out, err } = this.around;
    const request: LaunchRequest = { argv: plan.argv, env: plan.env, cwd, confinement, out, err };
    const child = tryLaunch(request);
    if (child instanceof Error) return this.notStarted(launchError(child, request));
    child.once('error', (error) => void this.work(() => this.notStarted(launchError(error, request))));
    if (child.pid === undefined) return;
    const leader = identify(child.pid);
    this.record = { ...this.record, process: leader, launching: false };
    child.once('exit', (code, signal) => void this.work(() => this.ended(leader, code, signal)));
    this.around.say(`started with pid ${child.pid} for port ${port}`);
    await this.around.save();
  }

  private async adopt(leader: ProcessIdentity): Promise<void> {
    this.record = { ...this.record, process: leader, launching: false };
    this.around.say(`goes on with pid ${leader.pid} under a new runner`);
    await this.around.save();
    const look = () => {
      if (isAlive(leader)) this.timer = setTimeout(look, ADOPTED_LOOK_MS);
      else void this.work(() => this.ended(leader, null, null));
    };
    look();
  }

  private async notStarted(reason: string): Promise<void> {
    this.around.say(`not started: ${reason}`);
    await this.backOff({ code: null, signal: null, at: Date.now() });
  }

  private async ended(leader: ProcessIdentity | null, code: number | null, signal: string | null): Promise<void> {
    setTimeout(() => this.flush(), FLUSH_MS).unref();
    const lastExit = { code, signal, at: Date.now() };
    if (this.isStopping) {
      this.record = { ...this.record, lastExit };
      return;
    }
    this.state = 'backing-off';
    this.around.say(exitSentence(code, signal));
    const left = await this.clearLeftovers(leader);
    await this.backOff(left === null ? lastExit : { ...lastExit, left });
  }

  private async backOff(lastExit: InstanceStatus['lastExit']): Promise<void> {
    const now = Date.now();
    const { waitMs, quick } = backOff(this.quickExits, now - (this.record.startedAt ?? now));
    this.quickExits = quick;
    this.record = { ...this.record, process: null, launching: false, lastExit };
    if (this.isStopping) return;
    this.state = 'backing-off';
    this.timer = setTimeout(() => {
      void this.work(() => this.again());
    }, waitMs);
    await this.around.save();
  }

  /** What nobody wants any more is left as it ended, also where its runner was not told (it is looked at again later). */
  private async again(): Promise<void> {
    if (this.isStopping) return;
    if (!this.around.isWanted()) return this.notStarted('the release is not wanted any more');
    this.record = { ...this.record, restarts: this.record.restarts + 1 };
    await this.launch();
  }

  private async clearLeftovers(leader: ProcessIdentity | null): Promise<string | null> {
    const left = await clearLeftovers(leader, this.origin());
    if (left !== null) this.around.say(`what it had left running was ended: ${left}`);
    return left;
  }

  private origin(): Origin {
    const { directory, mark } = this.around;
    return { folder: directory, mark, instance: this.record.instance };
  }

  private flush(): void {
    this.around.out.flush();
    this.around.err.flush();
  }

  /** One thing at a time; what breaks is said, and does not end the runner. */
  private work(task: () => Promise<void>): Promise<void> {
    this.pending = this.pending.then(task).catch((error: unknown) => {
      this.around.say(`the runner failed: ${wordsOf(error)}`);
    });
    return this.pending;
  }
}

/** What cannot even be asked of the system (a NUL in an argument, no descriptor left) is thrown, not emitted. */
function tryLaunch(request: LaunchRequest): ChildProcess | Error {
  try {
    return launch(request);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function exitSentence(code: number | null, signal: string | null): string {
  if (signal !== null) return `ended by ${signal}`;
  return code === null ? 'ended; its exit code is not known' : `exited with code ${code}`;
}
