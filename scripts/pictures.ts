/**
 * Remakes the pictures of the docs from a real deployment: `npm run build && node dist/scripts/pictures.js`. Needs Chromium
 * (`CHROMIUM`, else /usr/bin/chromium) and python3; no test needs it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser } from 'playwright-core';
import { runCommand } from './pictures/run-command';
import { terminalPage } from './pictures/terminal-page';
import { whenServing } from './demo/audience';
import { packageRoot } from './example-apps';
import { APP, clearStage, environmentOf, mvca, setStage, writeVersion, type Stage } from './demo/stage';

const DOCS = path.join(packageRoot(), 'docs');
const DEADLINE_MS = 120_000;

interface Status {
  readonly outcome?: string | null;
  readonly webUi?: string | null;
  readonly phase?: string;
  readonly waitingFor?: { readonly kind: string } | null;
}

async function main(): Promise<void> {
  const stage = await setStage();
  const over = new AbortController();
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    await commit(stage, '1.0.0');
    const client = whenServing(stage.productionUrl, 'pictures', over.signal);
    await deployDetached(stage);
    await until(stage, ({ outcome }) => outcome === 'succeeded');
    await writeVersion(stage, '1.1.0');
    await commit(stage, '1.1.0');
    await pictures(stage, browser);
    over.abort();
    await (await client)?.stop();
  } finally {
    over.abort();
    await browser.close();
    await say(stage, 'ana', mvca('down', '--all').argv);
    await clearStage(stage);
  }
}

async function deployDetached(stage: Stage): Promise<void> {
  await say(stage, 'ana', mvca('deploy', '--detach').argv);
  await approve(stage);
}

async function pictures(stage: Stage, browser: Browser): Promise<void> {
  const live = startLiveView(stage);
  await until(stage, ({ waitingFor }) => waitingFor?.kind === 'approval');
  const { url } = JSON.parse(await say(stage, 'ana', mvca('ui', APP, '--json').argv)) as { url: string };
  await pictureOfWebUi(browser, url);
  await approve(stage);
  await until(stage, ({ phase }) => phase === 'watch');
  await sleep(8_000);
  await pictureOfTerminal(browser, live.drawn());
  await until(stage, ({ outcome }) => outcome === 'succeeded');
  await live.ended;
}

async function approve(stage: Stage): Promise<void> {
  await until(stage, ({ waitingFor }) => waitingFor?.kind === 'approval');
  await say(stage, 'bo', mvca('approve', APP, '--as', 'bo').argv);
}

function startLiveView(stage: Stage): { readonly drawn: () => string; readonly ended: Promise<void> } {
  const script = path.join(packageRoot(), 'scripts/pictures/in-terminal.py');
  const child: ChildProcess = spawn('python3', [script, ...mvca('deploy').argv], {
    cwd: stage.project,
    env: { ...environmentOf(stage, 'ana'), TERM: 'xterm-256color' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let drawn = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (drawn += text));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  return { drawn: () => drawn, ended };
}

async function pictureOfWebUi(browser: Browser, webUi: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1240 } });
  await page.goto(webUi);
  await page.getByText('Current Details').waitFor();
  await sleep(4_000);
  await page.screenshot({ path: path.join(DOCS, 'web-ui-waiting.png') });
  await page.close();
}

async function pictureOfTerminal(browser: Browser, drawn: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 980, height: 640 } });
  await page.setContent(terminalPage(drawn));
  await page.locator('pre').screenshot({ path: path.join(DOCS, 'live-view.png') });
  await page.close();
}

async function commit(stage: Stage, version: string): Promise<void> {
  if (version === '1.0.0') await say(stage, 'ana', ['git', 'init', '--quiet', '-b', 'main']);
  await say(stage, 'ana', ['git', 'add', '.']);
  await say(stage, 'ana', ['git', 'commit', '--quiet', '-m', version]);
  await say(stage, 'ana', ['git', 'tag', version]);
}

async function until(stage: Stage, isSo: (status: Status) => boolean): Promise<Status> {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(500)) {
    const said = await runCommand(mvca('status', APP, '--json').argv, stage.project, {
      env: environmentOf(stage, 'bo'),
    });
    const status = said.code === 0 ? (JSON.parse(said.out) as Status) : {};
    if (isSo(status)) return status;
  }
  throw new Error(`the deployment did not come so far within ${DEADLINE_MS / 1000} s`);
}

async function say(stage: Stage, person: 'ana' | 'bo', argv: readonly string[]): Promise<string> {
  const { code, out, err } = await runCommand(argv, stage.project, { env: environmentOf(stage, person) });
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}: ${err}`);
  return out;
}

void main();
