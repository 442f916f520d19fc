/** Heads of the audit log, written down where the owner of the database has no access: a file outside, or a receiver of posts. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { signedText, type AnchorLine, type AuditHead } from '../../domain/records';
import type { Home } from '../../system/home';
import { signText } from '../../system/signing';
import type { IdentityActivities } from '../identity-contract';
import { wordsOf } from '../failure';

export type Anchor =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'webhook'; readonly url: string };

type Posted = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly again: boolean };

export interface AnchorDeps {
  readonly home: Home;
  /** null: none is configured. */
  readonly anchor: Anchor | null;
  readonly auditHead: () => Promise<AuditHead>;
  /** Where notifiers may not reach, neither may this. */
  readonly post: (request: { url: string; body: string; key: string; timeoutMs: number }) => Promise<Posted>;
}

const TIMEOUT_MS = 5_000;
const TRIES = 3;
const PAUSE_MS = 500;

export function createAnchorActivities(deps: AnchorDeps): Pick<IdentityActivities, 'anchorAudit'> {
  const { home, anchor, auditHead } = deps;
  return {
    anchorAudit: async ({ app, run }) => {
      if (anchor === null) return null;
      try {
        const head = await auditHead();
        const at = new Date().toISOString();
        const signature = await signText(home, signedText(head));
        const line: AnchorLine = { rows: head.rows, hash: head.hash, at, app, run, ...signature };
        const why = anchor.kind === 'file' ? await append(anchor.path, line) : await send(deps, anchor.url, line);
        return why === null ? null : `the head of the audit log was not anchored: ${why}`;
      } catch (error) {
        return `the head of the audit log was not anchored: ${wordsOf(error)}`;
      }
    },
  };
}

/** One line, whole or not at all for whoever reads beside it, and on the disk before it is answered. */
async function append(file: string, line: AnchorLine): Promise<null> {
  const handle = await open(file, 'a', 0o644);
  try {
    await handle.appendFile(`${JSON.stringify(line)}\n`);
    await handle.sync();
    return null;
  } finally {
    await handle.close();
  }
}

async function send({ post }: AnchorDeps, url: string, line: AnchorLine): Promise<string | null> {
  const body = JSON.stringify(line);
  const key = createHash('sha256').update(`${line.run} ${line.rows} ${line.hash}`).digest('hex').slice(0, 32);
  for (let tries = 1; ; tries += 1) {
    const posted = await post({ url, body, key, timeoutMs: TIMEOUT_MS });
    if (posted.ok) return null;
    if (!posted.again || tries === TRIES) return `${new URL(url).host}: ${posted.why}`;
    await sleep(PAUSE_MS);
  }
}
