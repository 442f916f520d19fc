/**
 * Recorded watches of whole deployments (`npm run bench -- recordings`), given once more to the running watch and to `mvca judge`: both
 * say the same at the same moment, and so did the watch when it was recorded.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { WatchRequest } from '../../../activities/contract';
import type { ReleaseDeps } from '../../../activities/release/deps';
import { createWatch } from '../../../activities/release/watch-rounds';
import { beginWatch } from '../../../activities/release/watch-state';
import { judgeFile } from '../../../client/judge-file';
import { ALPHA } from '../../../domain/judge/judge';
import type { RecordedEnd, RecordedLook, RecordedWatch } from '../../../domain/judge/recording';
import { removeScratch, scratch } from '../../support/scratch';
import { environmentSpec } from '../../support/specs';

const FOLDER = path.join(__dirname, '../../fixtures/recordings');
const USUAL = { errors: 0.01, slow: 0.05, responseMs: 1_000, minimum: 30, alpha: ALPHA };

interface Recording {
  readonly name: string;
  readonly text: string;
  readonly watch: RecordedWatch['watch'];
  readonly looks: readonly RecordedLook[];
  readonly said: RecordedEnd['end'];
}

const recordings: readonly Recording[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.jsonl.gz'))
  .map((file) => {
    const text = gunzipSync(readFileSync(path.join(FOLDER, file))).toString('utf8');
    const [head, ...lines] = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const { end: said } = lines.pop() as RecordedEnd;
    return { name: file, text, watch: (head as RecordedWatch).watch, looks: lines as RecordedLook[], said };
  });

/** What the judge says of it; where the watch ended for other reasons, no more than that there was no alarm before. */
const expected = ({ said }: Recording) =>
  said.by === 'judge' ? { verdict: said.verdict, at: said.at } : { verdict: expect.anything(), at: null };

afterAll(removeScratch);
afterEach(() => jest.useRealTimers());

test('there are recordings of good and of bad releases, beside an old one and alone', () => {
  const kinds = new Set(
    recordings.map(({ said, watch }) => `${said.verdict} ${watch.oldRelease === null ? '' : 'beside'}`),
  );
  expect(recordings.length).toBeGreaterThanOrEqual(20);
  expect([...kinds]).toEqual(expect.arrayContaining(['healthy beside', 'unhealthy beside']));
});

test.each(recordings.map((recording) => [recording.name, recording] as const))(
  '%s: `mvca judge` says what the watch said, and when',
  async (name, recording) => {
    const file = path.join(scratch(), name);
    writeFileSync(file, recording.text);
    const options = { usual: USUAL, given: {}, concat: false };
    for await (const { verdict, said } of judgeFile(file, options)) {
      expect(said).toEqual(recording.said);
      expect({ verdict: verdict.verdict, at: verdict.at }).toEqual(expected(recording));
    }
  },
);

/** A watch whose router says what was recorded, at the times that were recorded; it sends no requests of its own. */
async function watchAgain({ watch, looks }: Recording): Promise<{ verdict: string; at: number | null }> {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'], now: 0 });
  const { watch: usual, ...environment } = environmentSpec();
  const { errors, slow, responseMs, minimum } = watch.objective;
  const request = {
    app: 'shop',
    environment: {
      ...environment,
      watch: { ...usual, errors, slow, responseMs, minimum, errorStatuses: watch.errorStatuses },
    },
    release: watch.release,
    oldRelease: watch.oldRelease,
    addresses: [],
    holder: 'deploy/shop/1',
    mark: watch.mark,
    startedAt: 0,
    forMs: 60_000,
    mode: 'watch',
  } as unknown as WatchRequest;
  let look: RecordedLook | undefined;
  const deps = {
    traffic: {
      read: () => {
        if (look?.router === undefined) return Promise.reject(new Error('it is away'));
        return Promise.resolve({ ...look.router, table: { ...look.router.table, releases: {} } });
      },
    },
    platform: { status: () => Promise.resolve([]) },
    checkOf: () => () => Promise.resolve({ passed: true, aborted: false, seen: '200' }),
  } as unknown as ReleaseDeps;
  const running = createWatch(deps, request, beginWatch(request));
  let now = 0;
  for (look of looks) {
    jest.advanceTimersByTime(look.at - now);
    now = look.at;
    const why = await running.look();
    if (why !== null && why.source !== 'runner') return { verdict: 'unhealthy', at: look.at };
  }
  const { verdict } = running.conclude();
  await running.close();
  return { verdict, at: null };
}

test.each(
  recordings
    .filter(({ looks, said }) => said.by === 'judge' && looks.every(({ own }) => own === undefined))
    .map((recording) => [recording.name, recording] as const),
)('%s: the running watch says it again', async (_, recording) => {
  const { verdict, at } = await watchAgain(recording);
  expect(verdict).toBe(recording.said.verdict);
  if (recording.said.at === null) expect(at).toBeNull();
  else expect(at).toBeCloseTo(recording.said.at, 6);
});
