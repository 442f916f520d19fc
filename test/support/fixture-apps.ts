import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';

const FOLDER = path.join(__dirname, '..', 'fixtures', 'apps');

/** The applications of `test/fixtures/apps`: each does one thing wrong, but for `well-behaved`. */
export type FixtureApp =
  | 'well-behaved'
  | 'never-listens'
  | 'listens-elsewhere'
  | 'exits-at-once'
  | 'ignores-sigterm'
  | 'health-redirects'
  | 'green-but-500'
  | 'hangs'
  | 'slow-answers'
  | 'leaks-memory'
  | 'prints-secret'
  | 'crashes-after-requests'
  | 'build-fails'
  | 'build-never-ends'
  | 'build-fills-disk'
  | 'no-tests';

/** Copies one into `to`, which is made where it is missing; tests never run them in place. */
export async function copyFixture(app: FixtureApp, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(path.join(FOLDER, app), to, { recursive: true });
}
