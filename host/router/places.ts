/** How many connections there may be, of all clients and of one. */
import { readFileSync } from 'node:fs';

/** Of the descriptors of the process, these are kept for everything but clients and instances. */
const KEPT = 256;
const MOST = 50_000;
/** From half of all places on, one address gets a sixteenth: no cap before, because many clients may stand behind one address. */
const CALM_SHARE = 1 / 2;
const CLIENT_SHARE = 1 / 16;

const LOOPBACK = '127.0.0.0/8';

export interface ClientRule {
  /** The address of a listed proxy: those behind it are many. */
  readonly isProxy: boolean;
  /** `traffic.connections`; null: none of the spec. */
  readonly most: number | null;
}

export class Places {
  readonly #most: number;
  readonly #by = new Map<string, number>();
  #open = 0;
  #refused = 0;

  constructor(most: number) {
    this.#most = most;
  }

  read(): { readonly open: number; readonly most: number; readonly refused: number } {
    return { open: this.#open, most: this.#most, refused: this.#refused };
  }

  /** Whether one more connection of that address is taken; one that is must be given back by `leave`. */
  take(address: string, rule: ClientRule): boolean {
    const client = clientOf(address);
    const held = this.#by.get(client) ?? 0;
    if (held >= this.#mostFor(rule)) {
      this.#refused += 1;
      return false;
    }
    this.#by.set(client, held + 1);
    this.#open += 1;
    return true;
  }

  leave(address: string): void {
    const client = clientOf(address);
    const left = (this.#by.get(client) ?? 1) - 1;
    if (left === 0) this.#by.delete(client);
    else this.#by.set(client, left);
    this.#open -= 1;
  }

  #mostFor({ isProxy, most }: ClientRule): number {
    if (this.#open >= this.#most) return 0;
    if (isProxy) return Infinity;
    const fair = this.#open < this.#most * CALM_SHARE ? Infinity : Math.max(1, this.#most * CLIENT_SHARE);
    return Math.min(fair, most ?? Infinity);
  }
}

/** Whoever is on this machine has all of 127.0.0.0/8 to choose from, and a client of IPv6 a network of 64 bits. */
function clientOf(address: string): string {
  if (!address.includes(':')) return address.startsWith('127.') ? LOOPBACK : address;
  const [head = '', tail = ''] = address.split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter((word) => word !== ''));
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0');
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':');
}

/** Each client may need a second descriptor, for an instance. Node has raised the limit to the most that it may have. */
export function placesOfProcess(): number {
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === undefined ? MOST : Math.max(KEPT / 2, Math.min(MOST, (Number(limit) - KEPT) / 2));
}
