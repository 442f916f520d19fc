/** A real Prometheus that scrapes what a test tells it; where the program is not installed, such tests are skipped, and say so. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './ports';

export interface Prometheus {
  readonly url: string;
  /** Ends the process; what it stored stays. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and with what it stored. */
  start(): Promise<void>;
  /** The figures that a query gives now. */
  query(text: string): Promise<readonly number[]>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

const isInstalled = spawnSync('prometheus', ['--version']).error === undefined;

/** `describe`; where there is no Prometheus, a skipped one that says so. */
export const describeWithPrometheus = (name: string, body: () => void): void => {
  if (isInstalled) return describe(name, body);
  process.stderr.write(`${name}: skipped, for prometheus is not installed (apt-get install prometheus)\n`);
  return describe.skip(name, body);
};

const WAIT_MS = 60_000;

/** Scrapes these ports of this machine once a second. */
export async function startPrometheus(ports: readonly number[]): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mvca-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const targets = ports.map((each) => `'127.0.0.1:${each}'`).join(', ');
  writeFileSync(
    path.join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs: [{ job_name: mvca, static_configs: [{ targets: [${targets}] }] }]\n`,
  );
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill('SIGTERM');
    await ended;
  };
  const start = async (): Promise<void> => {
    child = spawn(
      'prometheus',
      [
        `--config.file=${path.join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${path.join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    await untilReady(url);
  };
  await start();
  return {
    url,
    start,
    stop,
    query: (text) => ask(url, text),
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string): Promise<void> {
  for (const deadline = Date.now() + WAIT_MS; ; await sleep(50)) {
    const ready = await fetch(`${url}/-/ready`)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (ready) return;
    if (Date.now() > deadline) throw new Error(`Prometheus at ${url} did not become ready`);
  }
}

async function ask(url: string, text: string): Promise<number[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(text)}`);
  const { data } = (await answer.json()) as { data?: { result: { value: [number, string] }[] } };
  return (data?.result ?? []).map(({ value }) => Number(value[1]));
}
