/** Notifications: courtesy, never a condition. What fails is answered in words, and shows in the report. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NotifierSpec } from '../../domain/spec/spec';
import type { RecordActivities } from '../contract';
import type { NotifyRequest } from '../record-query';
import { wordsOf } from '../failure';
import type { SecretAccess } from '../secret-access';
import type { NotifierKind } from './port';
import { createFolding } from './folding';
import { post, type PostResult } from './post';
import { slack } from './slack';
import { webhook } from './webhook';

export { post };

const KINDS: Readonly<Record<NotifierSpec['kind'], NotifierKind>> = { webhook, slack };

export interface NotificationsDeps {
  readonly secrets: Pick<SecretAccess, 'resolveFor'>;
  /** Of one try; 5 s by default. */
  readonly timeoutMs?: number;
  /** Before the second and the third try. */
  readonly pausesMs?: readonly number[];
  /** The longest that receivers are waited for which ask for it, all tries together; 30 s by default. */
  readonly patienceMs?: number;
}

const TIMEOUT_MS = 5_000;
const PAUSES_MS = [300, 1_000];
const PATIENCE_MS = 30_000;

/** All notifiers at once, each tried three times within 17 s at most, and 30 s more where it asks to be left alone for so long. Repeated posts carry the same `Idempotency-Key`. */
export function createNotifications(deps: NotificationsDeps): Pick<RecordActivities, 'notify'> {
  const folding = createFolding();
  return {
    notify: async (message) => {
      const alike = folding.next(message);
      if (alike === null) return [];
      const request = alike === 0 ? message : { ...message, text: `${message.text} (${alike} more like this before)` };
      const said = await Promise.all(request.notifiers.map((notifier) => tell(notifier, request, deps)));
      return said.filter((failure) => failure !== null);
    },
  };
}

/** null: it was told. */
async function tell(notifier: NotifierSpec, message: NotifyRequest, deps: NotificationsDeps): Promise<string | null> {
  const name = `${notifier.kind} ${nameOf(notifier.url)}`;
  try {
    const url = isReference(notifier.url) ? await addressOf(notifier.url, message, deps) : notifier.url;
    const body = JSON.stringify(KINDS[notifier.kind].body(message));
    const why = await deliver(url, body, deps);
    return why === null ? null : `${name} was not told of \`${message.event}\`: ${why}`;
  } catch (error) {
    // Only a reference can fail here, and its words say what to do and hold no value.
    return `${name} was not told of \`${message.event}\`: ${wordsOf(error)}`;
  }
}

async function addressOf(reference: string, { app }: NotifyRequest, { secrets }: NotificationsDeps): Promise<string> {
  return (await secrets.resolveFor(reference, { app, environment: null }, null)).value.trim();
}

async function deliver(url: string, body: string, deps: NotificationsDeps): Promise<string | null> {
  const { timeoutMs = TIMEOUT_MS, pausesMs = PAUSES_MS, patienceMs = PATIENCE_MS } = deps;
  let patience = patienceMs;
  const key = createHash('sha256').update(body).digest('hex').slice(0, 32);
  for (let tries = 1; ; tries += 1) {
    const result = await post({ url, body, key, timeoutMs });
    if (result.ok) return null;
    const pause = pausesMs[tries - 1];
    const { afterMs = 0 } = result;
    if (!result.again || pause === undefined || afterMs > patience) return whyNot(result, tries, patience);
    patience -= afterMs;
    await sleep(Math.max(pause, afterMs));
  }
}

function whyNot({ why, afterMs = 0 }: Extract<PostResult, { ok: false }>, tries: number, patience: number): string {
  const long = afterMs > patience ? `, and asks to be left alone for ${Math.ceil(afterMs / 1_000)} s` : '';
  return `${why}${long}${tries === 1 ? '' : ` (${tries} tries)`}`;
}

const isReference = (url: string): boolean => url.startsWith('secret://');

/** How a notifier is called: its reference, or the host of its URL. Paths and queries of such URLs are what gives access. */
function nameOf(url: string): string {
  if (isReference(url)) return url;
  return URL.canParse(url) ? new URL(url).host : 'with a URL that is none';
}
