/**
 * Holds the table: every change is saved before it is answered, changes come one after another, and the lease runs out here,
 * on the monotonic clock, whatever the disk or the wall clock do.
 */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RouterTable } from '../../domain/host/router';
import { AdminRefusal } from '../../system/admin';
import { readJson, writeJson } from '../../system/durable-file';
import { note } from '../../system/note';
import { expired } from './table';

const RETRY_MS = 1_000;
/** Longest delay of a Node timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const tableFile = (directory: string): string => path.join(directory, 'table.json');

/** What is left of a lease after a restart: by the clock, but never more than what was asked for. */
export function leaseLeftMs(table: RouterTable, now: number): number {
  if (table.lease === null) return 0;
  return Math.min(table.lease.until - now, table.lease.seconds * 1_000);
}

export class TableStore {
  #table: RouterTable;
  readonly #file: string;
  readonly #onChange: (table: RouterTable) => void;
  #saved = true;
  #queue: Promise<unknown> = Promise.resolve();
  #leaseTimer: NodeJS.Timeout | undefined;
  #leaseEnds = Infinity;
  #closed = false;

  private constructor(file: string, table: RouterTable, onChange: (table: RouterTable) => void) {
    this.#file = file;
    this.#table = table;
    this.#onChange = onChange;
  }

  /**
   * Reads the table of a router's folder and tells it to `onChange`, then and at every change.
   * @throws Error when there is no table, or it is not one that this version reads.
   */
  static async open(directory: string, onChange: (table: RouterTable) => void): Promise<TableStore> {
    const file = tableFile(directory);
    const table = await readJson<RouterTable>(file);
    if (table === null) throw new Error(`there is no ${file}; a deployment makes it`);
    if (table.format !== 1)
      throw new Error(
        `${file} has format ${String(table.format)}, this version reads 1; install the version that wrote it`,
      );
    await removeUnfinished(directory);
    const store = new TableStore(file, table, onChange);
    const left = leaseLeftMs(table, Date.now());
    store.#apply(table, performance.now() + left);
    return store;
  }

  /** The table as it is now; `until` of the lease is told on the wall clock of this moment. */
  get table(): RouterTable {
    const { lease } = this.#table;
    if (lease === null) return this.#table;
    const until = Math.round(Date.now() + this.#leaseEnds - performance.now());
    return { ...this.#table, lease: { ...lease, until } };
  }

  get isSaved(): boolean {
    return this.#saved;
  }

  /**
   * Changes the table: saved first, then followed, then answered. With `first: 'follow'` the change holds at once and is
   * saved as soon as the disk takes it.
   * @throws AdminRefusal when `edit` refuses, or (507) when the table cannot be saved; then nothing has changed.
   */
  async change(edit: (table: RouterTable) => RouterTable, first: 'save' | 'follow' = 'save'): Promise<void> {
    if (first === 'follow') {
      this.#apply(edit(this.#table));
      return this.#inTurn(() => this.#saveOrRetry());
    }
    return this.#inTurn(async () => {
      for (;;) {
        const before = this.#table;
        const next = edit(before);
        if (next === before && this.#saved) return;
        await this.#save(next);
        // The lease may have run out while the disk was busy: then the wish is weighed again.
        if (this.#table !== before) continue;
        this.#saved = true;
        return this.#apply(next);
      }
    });
  }

  /** Ends the lease's timer and waits for what is being saved. The lease goes on in the file. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#leaseTimer);
    await this.#queue;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined); // the one who asked is told; the next in line does not care
    return done;
  }

  async #save(table: RouterTable): Promise<void> {
    try {
      await writeJson(this.#file, table);
    } catch (cause) {
      throw new AdminRefusal(
        507,
        `${this.#file} cannot be saved (${reasonOf(cause)}): make room or repair the disk, and ask again`,
      );
    }
  }

  #apply(table: RouterTable, leaseEnds?: number): void {
    const renewed = table.lease !== null && table.lease !== this.#table.lease;
    this.#table = table;
    if (table.lease === null) this.#leaseEnds = Infinity;
    else if (leaseEnds !== undefined) this.#leaseEnds = leaseEnds;
    else if (renewed) this.#leaseEnds = performance.now() + table.lease.seconds * 1_000;
    this.#onChange(table);
    this.#waitForLease();
  }

  #waitForLease(): void {
    clearTimeout(this.#leaseTimer);
    if (this.#leaseEnds === Infinity || this.#closed) return;
    const left = this.#leaseEnds - performance.now();
    if (left <= 0) return this.#expire();
    this.#leaseTimer = setTimeout(() => this.#waitForLease(), Math.min(Math.ceil(left), LONGEST_TIMER_MS));
  }

  #expire(): void {
    note(`the lease of ${this.#table.lease?.holder ?? '?'} ran out: its traffic goes back`);
    this.#apply(expired(this.#table, Date.now()));
    void this.#inTurn(() => this.#saveOrRetry());
  }

  /** Traffic that went back stays back, also while the disk is full: the table is saved once it takes it. */
  async #saveOrRetry(): Promise<void> {
    try {
      await this.#save(this.#table);
      this.#saved = true;
    } catch (error) {
      if (this.#saved) note(`the traffic went back; ${reasonOf(error)}, it is tried every second`);
      this.#saved = false;
      if (!this.#closed) setTimeout(() => void this.#inTurn(() => this.#saveOrRetry()), RETRY_MS).unref();
    }
  }
}

/** What a router left that was killed while it saved. */
async function removeUnfinished(directory: string): Promise<void> {
  const names = await readdir(directory);
  const unfinished = names.filter((name) => name.startsWith('table.json.') && name.endsWith('.tmp'));
  await Promise.all(unfinished.map((name) => rm(path.join(directory, name), { force: true })));
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
