/** One release as the router sees it: its instances, what is in flight to it, and what was counted. */
import type { Leaving, RouterSettings } from '../../domain/host/router';
import type { Address } from '../../domain/words';
import { Figures, type FlightEnd } from './figures';
import type { Flight } from './flight';
import { Instance } from './instance';
import type { RouterLimits } from './limits';
import type { FindOwner } from './owners';

export interface ReleaseDeps {
  readonly limits: RouterLimits;
  /** null: whoever listens on an instance's port is taken to be it. */
  readonly findOwner: FindOwner | null;
}

export class Release {
  readonly name: string;
  readonly figures = new Figures();
  readonly #limits: RouterLimits;
  readonly #findOwner: FindOwner | null;
  readonly #flights = new Set<Flight>();
  #instances: readonly Instance[] = [];
  /** No more requests go to them; they still have some in flight. */
  #leaving: readonly Instance[] = [];
  #turn = 0;
  #settings: RouterSettings;
  #drain: NodeJS.Timeout | undefined;
  #isDrained = false;

  constructor(name: string, { limits, findOwner }: ReleaseDeps, settings: RouterSettings) {
    this.name = name;
    this.#limits = limits;
    this.#findOwner = findOwner;
    this.#settings = settings;
  }

  get slowMs(): number {
    return this.#settings.slowMs;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  set settings(settings: RouterSettings) {
    this.#settings = settings;
  }

  /** Connections to instances that stay are kept; what the others still have in flight may finish. */
  set instances(addresses: readonly Address[]) {
    const before = new Map(this.#instances.map((instance) => [instance.origin, instance]));
    this.#instances = addresses.map((address) => {
      const find = this.#findOwner?.(this.name, address.port) ?? null;
      const instance = new Instance(address, this.#limits, find);
      return before.get(instance.origin) ?? instance;
    });
    const gone = [...before.values()].filter((instance) => !this.#instances.includes(instance));
    for (const instance of gone) instance.leave(performance.now(), this.#settings.drainMs);
    this.#leaving = [...this.#leaving, ...gone];
  }

  /** Instances that were taken away and still have requests in flight. */
  get leaving(): readonly Leaving[] {
    this.#leaving = this.#leaving.filter(({ inFlight }) => inFlight > 0);
    return this.#leaving.map(({ address, inFlight }) => ({ ...address, inFlight }));
  }

  /**
   * The next instance in turn that can be reached, and was not tried yet for this request. When all are left out, they are tried
   * all the same: better a late answer than none. null: none is left to try.
   */
  nextInstance(tried: readonly Instance[] | null): Instance | null {
    const count = this.#instances.length;
    const now = performance.now();
    let unlikely: Instance | null = null;
    for (let i = 0; i < count; i += 1) {
      this.#turn = this.#turn + 1 >= count ? 0 : this.#turn + 1;
      const instance = this.#instances[this.#turn] as Instance;
      if (tried?.includes(instance)) continue;
      if (!instance.isOut(now)) return instance;
      unlikely ??= instance;
    }
    return unlikely;
  }

  began(flight: Flight): void {
    this.#flights.add(flight);
    this.figures.began(flight.client.mark);
  }

  ended(flight: Flight, end: FlightEnd): void {
    this.#flights.delete(flight);
    this.figures.ended(end, flight.isStream, flight.client.mark);
  }

  sweep(now: number): void {
    for (const flight of this.#flights) {
      flight.check(now, this.#limits, this.#settings.slowMs);
      const isOver = this.#isDrained || flight.to?.isOver(now) === true;
      if (isOver && flight.isStream) flight.abandon('closed');
    }
  }

  /** Without weight, streams may end by themselves within the drain limit; with weight again they may stay. */
  set serves(serves: boolean) {
    if (serves) {
      clearTimeout(this.#drain);
      this.#drain = undefined;
      this.#isDrained = false;
    } else this.#drain ??= setTimeout(() => this.#closeStreams(), this.#settings.drainMs).unref();
  }

  /** Closes everything: the release is forgotten, or the router ends. */
  close(): void {
    clearTimeout(this.#drain);
    for (const flight of this.#flights) flight.abandon('closed');
    for (const instance of this.#instances) instance.close();
  }

  #closeStreams(): void {
    this.#isDrained = true;
    for (const flight of this.#flights) if (flight.isStream) flight.abandon('closed');
  }
}
