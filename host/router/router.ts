/** The router of one application in one environment: its table, its releases, and the server before them. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { RouterSettings, RouterState, RouterTable } from '../../domain/host/router';
import type { Address, Weights } from '../../domain/words';
import { note } from '../../system/note';
import type { ClientConnection } from './client-connection';
import { createFront } from './front';
import { familiesOf } from '../../domain/metrics/families';
import { LIMITS, LISTEN_BACKLOG, type RouterLimits } from './limits';
import { createMetricsEndpoint } from './metrics';
import { createOwners } from './owners';
import { Release } from './release';
import { Places, placesOfProcess } from './places';
import { readRunners } from './runners';
import { Hours } from './hours';
import { Shares } from './shares';
import { Stickiness, type Place } from './stickiness';
import { weightOf } from './table';
import { TableStore } from './table-store';
import { createTrust, type Trust } from './trust';

const LISTEN_RETRY_MS = 1_000;
const ENDING_POLL_MS = 20;

export class Router {
  readonly #epoch = randomUUID();
  readonly #limits: RouterLimits;
  readonly #directory: string;
  readonly #metrics = createMetricsEndpoint(async () => {
    const router = this.state();
    return familiesOf({ router, runners: await readRunners(this.#directory, router.table) });
  });
  readonly #front: Server;
  readonly #releases = new Map<string, Release>();
  readonly #sweep: NodeJS.Timeout;
  readonly #places: Places;
  #trust: Trust = createTrust([]);
  #shares = new Shares<Release>([]);
  /** null: users need not stay on one release, or there is only one. */
  #sticky: Stickiness<Release> | null = null;
  #store: TableStore | null = null;
  #hours: Hours | null = null;
  #weights: Weights | null = null;
  #settings: RouterSettings | null = null;
  #requestsBefore: Readonly<Record<string, number>> = {};
  #isListening = false;
  #isEnding = false;
  #retry: NodeJS.Timeout | undefined;

  private constructor(directory: string, limits: RouterLimits) {
    this.#limits = limits;
    this.#places = new Places(limits.connections ?? placesOfProcess());
    this.#directory = directory;
    this.#front = createFront({
      limits,
      place: (request, client) => this.#place(request, client),
      isEnding: () => this.#isEnding,
      trust: () => this.#trust,
      places: {
        take: ({ address, isTrusted }) =>
          this.#places.take(address, { isProxy: isTrusted, most: this.#store?.table.settings.connections ?? null }),
        leave: ({ address }) => this.#places.leave(address),
      },
    });
    this.#sweep = setInterval(() => this.#sweepAll(), limits.sweepMs).unref();
  }

  /**
   * Reads the table in `directory` and follows it; `listen` begins to take requests.
   * @throws Error when there is no table, or none that can be read.
   */
  static async open(directory: string, limits: RouterLimits = LIMITS): Promise<Router> {
    const router = new Router(directory, limits);
    try {
      router.#store = await TableStore.open(directory, (table) => router.#follow(table));
      router.#hours = await Hours.open(directory);
    } catch (error) {
      clearInterval(router.#sweep);
      router.#metrics.close();
      throw error;
    }
    return router;
  }

  get store(): TableStore {
    return this.#store as TableStore;
  }

  /** Where it really listens; null while the address is taken by another process. */
  get address(): Address | null {
    const address = this.#front.address();
    return address === null || typeof address === 'string' ? null : { host: address.address, port: address.port };
  }

  /** Where `/metrics` is shown; null while it is not. */
  get metricsAddress(): Address | null {
    return this.#metrics.address();
  }

  /**
   * Listens; while the address is taken it is tried again every second, and said once. Resolves after the first attempt.
   * @param inherited descriptor of a socket that listens on the address of the table already, with clients that wait.
   */
  listen(inherited?: number): Promise<void> {
    const { host, port } = this.store.table.listen;
    const place = inherited === undefined ? { host, port } : { fd: inherited };
    let wasSaid = false;
    return new Promise((resolve) => {
      const attempt = (): void => void this.#front.listen({ ...place, backlog: LISTEN_BACKLOG });
      this.#front.on('listening', () => {
        this.#isListening = true;
        if (wasSaid) note(`${host}:${port} is free again: listening`);
        resolve();
      });
      this.#front.on('error', (error: NodeJS.ErrnoException) => {
        if (!wasSaid) note(`cannot listen on ${host}:${port} (${error.code}); trying every second`);
        wasSaid = true;
        if (!this.#isEnding) this.#retry = setTimeout(attempt, LISTEN_RETRY_MS);
        resolve();
      });
      attempt();
    });
  }

  state(): RouterState {
    return {
      pid: process.pid,
      epoch: this.#epoch,
      now: Date.now(),
      listening: this.#isListening,
      saved: this.store.isSaved,
      table: this.store.table,
      requestsBefore: this.#requestsBefore,
      traffic: this.#hours?.rate() ?? null,
      figures: Object.fromEntries([...this.#releases].map(([name, release]) => [name, release.figures.read()])),
      connections: this.#places.read(),
      leaving: Object.fromEntries([...this.#releases].map(([name, release]) => [name, release.leaving])),
    };
  }

  /** Takes no more requests, lets those in flight end (at most `drainMs`), and closes what is left. */
  async close(drainMs = this.store.table.settings.drainMs): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#retry);
    this.#metrics.close();
    const closed = this.#isListening ? new Promise((resolve) => this.#front.close(resolve)) : null;
    this.#isListening = false;
    const deadline = performance.now() + drainMs;
    while (this.#inFlight() > 0 && performance.now() < deadline) await pause(ENDING_POLL_MS);
    for (const release of this.#releases.values()) release.close();
    // Answers that were given but not yet read need a moment; connections without a request need none.
    this.#front.closeIdleConnections();
    await Promise.race([closed, pause(Math.min(1_000, Math.max(ENDING_POLL_MS, drainMs)))]);
    this.#front.closeAllConnections();
    await closed;
    clearInterval(this.#sweep);
    await Promise.all([this.store.close(), this.#hours?.close()]);
  }

  #place(request: IncomingMessage, client: ClientConnection): Place<Release> | null {
    this.#hours?.count();
    if (this.#sticky !== null) return this.#sticky.placeOf(request, client);
    const target = this.#shares.next();
    return target && { target, cookie: null };
  }

  #inFlight(): number {
    return [...this.#releases.values()].reduce((sum, release) => sum + release.inFlight, 0);
  }

  /** Makes what runs what the table says. From the next request on, the new weights hold. */
  #follow(table: RouterTable): void {
    this.#noteChange(table.weights);
    if (table.settings !== this.#settings) this.#trust = createTrust(table.settings.trust ?? []);
    this.#settings = table.settings;
    this.#metrics.listenOn(table.settings.metrics ?? null);
    for (const [name, release] of this.#releases) {
      if (Object.hasOwn(table.releases, name)) continue;
      release.close();
      this.#releases.delete(name);
    }
    const findOwner = createOwners(this.#directory, table);
    for (const [name, { instances }] of Object.entries(table.releases)) {
      const release =
        this.#releases.get(name) ?? new Release(name, { limits: this.#limits, findOwner }, table.settings);
      this.#releases.set(name, release);
      release.settings = table.settings;
      release.instances = instances;
      release.serves = weightOf(table.weights, name) > 0;
    }
    const shares = [...this.#releases].map(([name, target]) => ({ target, weight: weightOf(table.weights, name) }));
    this.#shares = new Shares(shares);
    const sticky = table.settings.stickiness === 'cookie' ? new Stickiness(shares) : null;
    this.#sticky = sticky?.isMixed === true ? sticky : null;
  }

  /** What was routed until now says nothing of the new weights. */
  #noteChange(weights: Weights): void {
    const before = this.#weights;
    this.#weights = weights;
    const names = new Set([...Object.keys(before ?? {}), ...Object.keys(weights)]);
    if (before === null || [...names].every((name) => weightOf(before, name) === weightOf(weights, name))) return;
    this.#requestsBefore = Object.fromEntries(
      [...this.#releases].map(([name, release]) => [name, release.figures.read().requests]),
    );
  }

  #sweepAll(): void {
    const now = performance.now();
    for (const release of this.#releases.values()) release.sweep(now);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
