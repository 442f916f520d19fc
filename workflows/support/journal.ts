/** What happened, for the audit log: noted at once, written by an activity when it suits, in order and never lost. */
import { CancellationScope } from '@temporalio/workflow';
import type { AuditEntry } from '../../domain/audit';
import type { DeploymentStatus } from '../../domain/deployment';
import { call } from './proxies';

export interface Noted {
  readonly by?: string;
  readonly facts?: AuditEntry['facts'];
}

export class Journal {
  private unwritten: AuditEntry[] = [];
  private sequence = 0;
  private writing: Promise<void> = Promise.resolve();

  /** @param status as it is at the time of each write; null: there is none, and entries alone are written */
  constructor(
    private readonly of: Pick<DeploymentStatus, 'deployment' | 'run' | 'app' | 'environment'>,
    private readonly status: DeploymentStatus | null,
  ) {}

  /** @param more who did it (`mvca` when nobody is named), and plain facts. */
  note(action: string, summary: string, { by = 'mvca', facts = {} }: Noted = {}): void {
    const at = new Date(Date.now()).toISOString();
    const { environment } = this.of;
    this.unwritten.push({ sequence: ++this.sequence, at, actor: by, action, environment, summary, facts });
  }

  /** One write after the other, each waited for as long as it takes, and never cancelled. */
  write(): Promise<void> {
    this.writing = this.writing.then(() => CancellationScope.nonCancellable(() => this.writeUnwritten()));
    return this.writing;
  }

  /** Until nothing is left to write, also of what was noted meanwhile. */
  async writeAll(): Promise<void> {
    let last: Promise<void>;
    do await (last = this.write());
    while (last !== this.writing);
  }

  private async writeUnwritten(): Promise<void> {
    const entries = this.unwritten;
    if (entries.length === 0) return;
    this.unwritten = [];
    const { deployment, run, app } = this.of;
    await call(
      'record',
      `write ${entries.length} entries to the audit log`,
    )({ deployment, run, app, entries, status: this.status && withoutCourses(this.status) });
  }
}

/** The courses and queries of the watches go into the report; in each of these writes they would only make the history long. */
const withoutCourses = (status: DeploymentStatus): DeploymentStatus => ({
  ...status,
  watches: status.watches.map(({ series: _course, metrics, ...rest }) => ({
    ...rest,
    ...(metrics && { metrics: metrics.map(({ query: _asked, ...metric }) => metric) }),
  })),
});
