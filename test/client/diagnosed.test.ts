import { diagnosed } from '../../client/diagnosed';
import type { Diagnosis } from '../../domain/diagnosis/answer';
import type { StoredDiagnosis } from '../../domain/records';
import type { ReleaseStatus } from '../../domain/release';
import { environmentSpec, releaseStatus } from '../support/specs';

const FOUND: Diagnosis = { causes: [], looked: [], unexplained: [], impact: null };
const SERVING = releaseStatus('1.0.0-a', { version: '1.0.0', proven: true });
const LEFT = releaseStatus('1.1.0-b', { version: '1.1.0', proven: false });
const REJECTED: StoredDiagnosis = {
  app: 'shop',
  version: '1.1.0',
  deployment: 'deploy/shop',
  run: 'r',
  outcome: 'rejected',
  reason: 'unit: 1 of 9 tests failed',
  environment: 'production',
  diagnosis: null,
};

interface Given {
  readonly stored?: StoredDiagnosis;
  readonly releases?: readonly ReleaseStatus[];
  readonly of?: string;
  readonly environment?: 'production' | null;
}

/** Answers as the engine does, and tells which releases were looked at. */
async function lookedAt({ stored = REJECTED, releases = [SERVING], of = 'shop', environment = null }: Given) {
  const asked: unknown[] = [];
  const answer = (query: {
    readonly kind: string;
    readonly request?: { release: string; oldRelease: string | null };
  }) => {
    if (query.kind === 'diagnosis') return stored;
    if (query.kind === 'environments') return [{ releases }];
    asked.push(query.request?.release, query.request?.oldRelease);
    return FOUND;
  };
  const inspect = ((query: Parameters<typeof answer>[0]) => Promise.resolve(answer(query))) as never;
  const specOf = () => Promise.resolve({ environments: [environmentSpec()] });
  const { found } = await diagnosed({ inspect }, { of, preferred: null, environment, specOf });
  return { asked, outcome: found?.outcome };
}

test('of a deployment that failed before it started a release, what serves is not looked at', async () => {
  expect(await lookedAt({})).toEqual({ asked: [], outcome: undefined });
  // The same version serves since an earlier deployment.
  for (const outcome of ['rejected', 'rolled-back'] as const)
    expect(await lookedAt({ stored: { ...REJECTED, version: '1.0.0', outcome } })).toMatchObject({ asked: [] });
});

test('what it left is looked at, beside the release that serves', async () => {
  const releases = [LEFT, SERVING];
  expect(await lookedAt({ releases })).toEqual({ asked: ['1.1.0-b', '1.0.0-a'], outcome: 'rejected' });
  const stored = { ...REJECTED, outcome: 'rollback-failed' } as const;
  expect(await lookedAt({ releases, stored, of: '1.1.0' })).toMatchObject({ asked: ['1.1.0-b', '1.0.0-a'] });
});

test('what serves is, where it succeeded, or where application and environment are named', async () => {
  const stored = { ...REJECTED, version: '1.0.0', outcome: 'succeeded' } as const;
  expect(await lookedAt({ stored })).toEqual({ asked: ['1.0.0-a', null], outcome: 'succeeded' });
  expect(await lookedAt({ environment: 'production' })).toEqual({ asked: ['1.0.0-a', null], outcome: null });
});
