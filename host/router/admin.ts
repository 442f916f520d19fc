/** The router's admin socket: the table of requests stands in `domain/host/router.ts`. */
import type { RouterState } from '../../domain/host/router';
import { AdminRefusal, type AdminRequest } from '../../system/admin';
import type { Router } from './router';
import { givesBack, proven, renewed, withoutRelease, withRelease, withSettings, withWeights } from './table';
import { readHolder, readInstances, readRelease, readRenewal, readSettings, readSetWeights } from './wishes';

type Answer = (router: Router, request: AdminRequest) => Promise<void>;

const ROUTES: Readonly<Record<string, Answer>> = {
  'GET /state': async () => undefined,
  'PUT /settings': async ({ store }, { body }) => {
    const settings = readSettings(body);
    await store.change((table) => withSettings(table, settings));
  },
  'PUT /releases/': async ({ store }, { url, body }) => {
    const release = readRelease(lastSegment(url));
    const instances = readInstances(body);
    await store.change((table) => withRelease(table, release, instances));
  },
  'DELETE /releases/': async ({ store }, { url }) => {
    const release = readRelease(lastSegment(url));
    await store.change((table) => withoutRelease(table, release));
  },
  'PUT /weights': async ({ store }, { body }) => {
    const wish = readSetWeights(body);
    const first = givesBack(store.table, wish) ? 'follow' : 'save';
    await store.change((table) => withWeights(table, wish, Date.now()), first);
  },
  'PUT /lease': async ({ store }, { body }) => {
    const renewal = readRenewal(body);
    // Unsaved it would only run out early after a restart, which is safe: a full disk must not take the lease away.
    await store.change((table) => renewed(table, renewal, Date.now()), 'follow');
  },
  'DELETE /lease': async ({ store }, { url }) => {
    const holder = readHolder(url.searchParams.get('holder'));
    await store.change((table) => proven(table, holder));
  },
};

/**
 * Does what is asked and answers the state after it.
 * @throws AdminRefusal 400 for a wish that cannot be read, 404 for an unknown one, 409 for one that the table forbids, 507 when
 * the disk does not take it.
 */
export async function answerAdmin(router: Router, request: AdminRequest): Promise<RouterState> {
  const path = request.url.pathname.startsWith('/releases/') ? '/releases/' : request.url.pathname;
  const key = `${request.method} ${path}`;
  const answer = Object.hasOwn(ROUTES, key) ? ROUTES[key] : undefined;
  if (answer === undefined) throw new AdminRefusal(404, `${key} is unknown; known: ${Object.keys(ROUTES).join(', ')}`);
  await answer(router, request);
  return router.state();
}

const lastSegment = (url: URL): string => url.pathname.slice('/releases/'.length);
