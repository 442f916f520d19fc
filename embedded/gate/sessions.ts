/** Who is logged in to the Web UI: by a ticket from the gate's own socket, once, and from then on by a cookie. Kept in memory only. */
import { createHash, randomBytes } from 'node:crypto';
import { AdminRefusal } from '../../system/admin';
import type { Ticket, TicketRequest } from './settings';

const TICKET_MS = 5 * 60_000;
const SESSION_MS = 12 * 3_600_000;
const MOST = 100;
const BYTES = 32;

export const LOGIN_PATH = '/mvca/login';

interface Entry {
  readonly until: number;
}

interface Pass extends Entry {
  readonly page: string;
  readonly accounts: readonly number[];
}

interface Session extends Entry {
  /** Cookies of a host go to all its ports, and so to servers of other accounts too: only who logged in can use it. */
  readonly account: number;
}

export class Sessions {
  private readonly tickets = new Map<string, Pass>();
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @throws AdminRefusal for a page that is none of the Web UI. */
  ticket({ page, accounts }: TicketRequest): Ticket {
    if (typeof page !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(page)) {
      throw new AdminRefusal(
        400,
        `the page ${JSON.stringify(page)} is no path of the Web UI, such as /namespaces/default/workflows`,
      );
    }
    if (!Array.isArray(accounts) || !accounts.every((account) => Number.isInteger(account))) {
      throw new AdminRefusal(400, 'accounts must be numbers of accounts');
    }
    const until = this.now() + TICKET_MS;
    const secret = keep(this.tickets, { page, accounts, until }, this.now());
    return { path: `${LOGIN_PATH}?ticket=${secret}`, until };
  }

  /** The cookie's value and the page to go to; null for a ticket that is used, too old, or somebody else's. @param asker see `isOpen` */
  redeem(secret: string, asker: () => number | null): { cookie: string; page: string } | null {
    const pass = lookUp(this.tickets, secret, this.now());
    const account = pass === null ? null : asker();
    if (pass === null || account === null || !pass.accounts.includes(account)) return null;
    this.tickets.delete(nameOf(secret));
    return { cookie: keep(this.sessions, { account, until: this.now() + SESSION_MS }, this.now()), page: pass.page };
  }

  /** @param asker who asks: a look at every connection of the machine, which nobody gets made for a cookie that is none of ours */
  isOpen(cookie: string, asker: () => number | null): boolean {
    const session = lookUp(this.sessions, cookie, this.now());
    return session !== null && session.account === asker();
  }
}

/** Answers the secret; only its digest is kept, so that comparing tells nothing by its time. The oldest goes when there are too many. */
function keep<T extends Entry>(entries: Map<string, T>, entry: T, now: number): string {
  for (const [name, { until }] of entries) if (until <= now) entries.delete(name);
  const [oldest] = entries.keys();
  if (entries.size >= MOST && oldest !== undefined) entries.delete(oldest);
  const secret = randomBytes(BYTES).toString('base64url');
  entries.set(nameOf(secret), entry);
  return secret;
}

function lookUp<T extends Entry>(entries: ReadonlyMap<string, T>, secret: string, now: number): T | null {
  const entry = entries.get(nameOf(secret));
  return entry === undefined || entry.until <= now ? null : entry;
}

const nameOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');
