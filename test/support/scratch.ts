import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { BuildSpec } from '../../domain/spec/spec';

const made: string[] = [];

/** A folder of this test file's; removed by `removeScratch` in `afterAll`. */
export function scratch(): string {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'mvca-test-')));
  made.push(folder);
  return folder;
}

/** A folder that any account may write to. */
export function sharedFolder(): string {
  const folder = scratch();
  chmodSync(folder, 0o777);
  return folder;
}

export function removeScratch(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** git with a fixed person and time, so that the same content gives the same commit. */
export function gitIn(folder: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'ana',
    GIT_AUTHOR_EMAIL: 'ana@example.com',
    GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
    GIT_COMMITTER_NAME: 'ana',
    GIT_COMMITTER_EMAIL: 'ana@example.com',
    GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  };
  const settings = ['-c', 'safe.directory=*', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', [...settings, ...args], { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A repository with one commit of those files. */
export function repositoryWith(files: Readonly<Record<string, string>>): string {
  const folder = scratch();
  writeFiles(folder, files);
  gitIn(folder, 'init', '-q');
  commitAll(folder);
  return folder;
}

export function commitAll(folder: string, message = 'A change'): void {
  gitIn(folder, 'add', '-A');
  gitIn(folder, 'commit', '-q', '-m', message);
}

export const plainBuild: BuildSpec = {
  install: null,
  command: [],
  variables: {},
  artifact: { kind: 'tar', include: [], prune: true },
  static: [],
  timeoutMs: 120_000,
};
