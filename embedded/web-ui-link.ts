/** A link that opens the embedded Web UI: made by who may enter the home, used by one browser, once. */
import { askAdmin } from '../system/admin';
import type { Home } from '../system/home';
import { accountNumber } from './account';
import type { GuardedAddress } from './engine';
import type { Ticket, TicketRequest } from './gate/settings';
import { gateSocket } from './places';

export interface WebUiLink {
  readonly url: string;
  /** Epoch milliseconds: until then it has to be opened. */
  readonly until: number;
}

export interface LinkOptions {
  /** Address of the page that it leads to; the Web UI's first one by default. */
  readonly page?: string;
  /** Name of the account whose browser opens it. Default: who runs this, also by sudo. */
  readonly account?: string;
}

/** @throws EngineRefusal for an account that the machine does not have; Error with `code` when the gate does not run. */
export async function webUiLink(
  home: Home,
  { uiUrl }: Pick<GuardedAddress, 'uiUrl'>,
  { page, account }: LinkOptions = {},
): Promise<WebUiLink> {
  const { pathname, search } = new URL(page ?? uiUrl);
  const accounts = account === undefined ? callers() : [await accountNumber(account)];
  const request: TicketRequest = { page: `${pathname}${search}`, accounts };
  const { path, until } = await askAdmin<Ticket>(await gateSocket(home), 'PUT', '/tickets', { body: request });
  return { url: `${uiUrl}${path}`, until };
}

/** Who called sudo sits before the browser. */
function callers(environment: NodeJS.ProcessEnv = process.env): readonly number[] {
  const uid = process.getuid?.() ?? 0;
  const before = environment['SUDO_UID'] ?? '';
  return uid === 0 && /^\d+$/.test(before) ? [uid, Number(before)] : [uid];
}
