import http from 'node:http';
import { check } from '../../../scripts/demo/checks';
import { play } from '../../../scripts/demo/play';
import { clearStage, setStage } from '../../../scripts/demo/stage';
import type { Stage } from '../../../scripts/demo/stage';
import type { Run, Terminal, Typed } from '../../../scripts/demo/terminal';

/**
 * A keyboard behind which no deployment layer is: it plays one. A deployment waits for the approval, then its version serves; 1.2.0
 * and 1.3.0 serve badly for a moment, then 1.1.0 serves again.
 */
function standIn(stage: Stage): Terminal & { readonly typed: string[]; readonly inputs: string[]; close(): void } {
  const typed: string[] = [];
  const inputs: string[] = [];
  const state = { version: '0', waiting: false, outcome: null as string | null, approved: () => {} };
  const server = http.createServer((request, response) => {
    const isBad = BAD.includes(state.version) && request.url === '/webhooks/payment';
    request.resume();
    response.writeHead(isBad ? 500 : 200, { 'x-app-version': state.version }).end();
  });
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  async function deploy(version: string): Promise<Typed> {
    const approved = new Promise<void>((resolve) => (state.approved = resolve));
    Object.assign(state, { waiting: true, outcome: null });
    await approved;
    const before = state.version;
    state.version = version;
    if (!server.listening) server.listen(stage.productionPort, '127.0.0.1');
    await pause(800);
    if (BAD.includes(version)) state.version = before;
    state.outcome = BAD.includes(version) ? 'rolled-back' : 'succeeded';
    return { code: BAD.includes(version) ? 4 : 0, lines: [] };
  }

  async function type(run: Run): Promise<Typed> {
    const line = `${run.person} ${run.typed.join(' ')}`;
    typed.push(line);
    if (run.input !== undefined) inputs.push(run.input);
    if (line === 'ana npx mvca deploy')
      return deploy(typed.findLast((one) => one.startsWith('ana git tag'))?.slice(12) ?? '');
    if (line === 'bo npx mvca approve shop --as bo') {
      state.waiting = false;
      state.approved();
    }
    return { code: 0, lines: [] };
  }

  const status = () => ({
    outcome: state.outcome,
    report: '/reports/1',
    webUi: 'http://127.0.0.1:8233',
    waitingFor: state.waiting ? { kind: 'approval' } : null,
  });
  const quietly = async (): Promise<Typed> => ({ code: 0, lines: [JSON.stringify(status())] });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { type, quietly, say: () => undefined, hangUp: () => undefined, typed, inputs, close };
}

const BAD: readonly string[] = ['1.2.0', '1.3.0'];

test('four deployments are played, approved by a second person, and counted', async () => {
  const stage = await setStage();
  const terminal = standIn(stage);
  try {
    const facts = await play({ stage, terminal, signal: new AbortController().signal });
    // No minute is waited for here, and nobody diagnoses anything.
    const wrong = check(facts).filter(({ isSo }) => !isSo);
    expect(
      wrong.map(({ what }) => what).filter((what) => !/^\(d\) (names|says|has cause|was good)/.test(what)),
    ).toEqual([]);
    expect(facts.webUi).toBe('http://127.0.0.1:8233');
    expect(terminal.typed.filter((line) => line.includes('approve'))).toHaveLength(4);
    expect(terminal.typed).toContain('ana npx mvca secrets set shop staging STRIPE_WEBHOOK_SECRET');
    expect(terminal.typed).toContain('ana npx mvca secrets set shop staging EXCHANGE_RATES_KEY');
    expect(terminal.inputs).toEqual([
      expect.stringMatching(/^whsec_[0-9a-f]{32}\n$/),
      expect.stringMatching(/^[0-9a-f]{32}\n$/),
    ]);
  } finally {
    terminal.close();
    await clearStage(stage);
  }
});

test('a command that must succeed stops the play with its name', async () => {
  const stage = await setStage();
  try {
    const terminal: Terminal = {
      type: async () => ({ code: 128, lines: [] }),
      quietly: async () => ({ code: 0, lines: [] }),
      say: () => undefined,
      hangUp: () => undefined,
    };
    const playing = play({ stage, terminal, signal: new AbortController().signal });
    await expect(playing).rejects.toThrow('`git init --quiet -b main` ended with 128');
  } finally {
    await clearStage(stage);
  }
});
