/**
 * The Temporal CLI as the SDK itself fetches it (sdk-core, `ephemeral_server/mod.rs`): the same cache file under the temporary
 * folder, and the same address. The SDK's own code is reachable through its test package only, and has no time limit.
 */
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Tool } from './tools-folder';
import type { Progress } from './engine';
import { isTrusted } from './tools-folder';

export const DOWNLOAD_SITE = 'https://temporal.download';
/** Answers in well under a second where it can be reached; where packets are swallowed, nobody wants to wait longer. */
const REACH_MS = 3_000;
const DOWNLOAD_MS = 3 * 60_000;

const SDK = { name: 'sdk-typescript', version: '1.24.0' };

/** What the SDK fetched for a test before. Only a file that no other user could have put there. */
export async function sdkCachedCli(): Promise<string | null> {
  const file = path.join(os.tmpdir(), `temporal-cli-${SDK.name}-${SDK.version}`);
  const found = await lstat(file).catch(() => null);
  return found !== null && found.isFile() && isTrusted(found) ? file : null;
}

/** What is fetched from there; its `fetch` throws soon where the site cannot be reached. */
export function downloadTool(log: Progress, site = DOWNLOAD_SITE): Tool {
  return {
    name: `temporal-cli-${SDK.name}-${SDK.version}`,
    file: 'temporal',
    sha256: null,
    fetch: async (folder) => {
      const { archiveUrl, fileToExtract } = await describeDownload(site);
      log('downloading the Temporal CLI…');
      await downloadInto(folder, archiveUrl, fileToExtract);
    },
  };
}

async function describeDownload(site: string): Promise<{ archiveUrl: string; fileToExtract: string }> {
  const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (arch === undefined) throw new Error(`there is no Temporal CLI for ${process.arch}`);
  const query = new URLSearchParams({
    arch,
    platform: process.platform,
    'sdk-name': SDK.name,
    'sdk-version': SDK.version,
  });
  const answer = await fetch(`${site}/cli/default?${query.toString()}`, {
    signal: AbortSignal.timeout(REACH_MS),
  }).catch((error: unknown) => {
    throw new Error(`${site} cannot be reached (${reason(error)})`);
  });
  if (!answer.ok) throw new Error(`${site} answered ${answer.status}`);
  const { archiveUrl, fileToExtract } = (await answer.json()) as { archiveUrl?: string; fileToExtract?: string };
  if (typeof archiveUrl !== 'string' || typeof fileToExtract !== 'string') {
    throw new Error(`${site} did not say where the archive is`);
  }
  return { archiveUrl, fileToExtract };
}

async function downloadInto(folder: string, archiveUrl: string, member: string): Promise<void> {
  const answer = await fetch(archiveUrl, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
  if (!answer.ok || answer.body === null) throw new Error(`${archiveUrl} answered ${answer.status}`);
  await mkdir(folder, { recursive: true });
  const program = path.join(folder, 'temporal');
  let found = false;
  const unpack = extract();
  unpack.on('entry', (header, stream, next) => {
    if (header.name !== member) {
      stream.resume();
      stream.once('end', next);
      return;
    }
    found = true;
    pipeline(stream, createWriteStream(program, { mode: 0o755 })).then(() => next(), next);
  });
  const source = Readable.fromWeb(answer.body as ReadableStream<Uint8Array>);
  await pipeline(source, createGunzip(), unpack);
  if (!found) throw new Error(`${archiveUrl} has no \`${member}\``);
  await chmod(program, 0o755);
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
