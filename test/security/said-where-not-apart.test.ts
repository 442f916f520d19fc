/** Where a machine cannot keep applications apart, doctor and plans say so; tried where unshare(2) is refused, and without root. */
import { chmod, chown, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../embedded/doctor/finding';
import { planLines } from '../../client/cli/views/plan';
import type { Plan } from '../../domain/plan/plan';
import { releaseAccountProblem } from '../../system/release-account';
import { sandboxProblem } from '../../system/sandbox/sandbox';
import { isRoot, NOBODY, runAs } from '../support/accounts';
import { removeScratch, sharedFolder } from '../support/scratch';

afterAll(removeScratch);

const WITHOUT_NAMESPACES = ['python3', path.join(__dirname, '..', 'fixtures', 'embedded', 'without-namespaces.py')];

interface Said {
  readonly doctor: readonly Finding[];
  readonly build: readonly string[];
  readonly releases: readonly string[];
}

async function said(account: number | null, before: readonly string[] = []): Promise<Said> {
  const folder = path.join(sharedFolder(), 'own');
  await mkdir(folder);
  await chmod(path.dirname(folder), 0o755);
  if (account !== null) await chown(folder, account, account);
  return runAs<Said>(account, 'what-is-said.js', [folder], {}, before);
}

const NO_SANDBOX =
  /install, build and tests run as the account of the engine .*there is no sandbox on this machine \(.+\)\. Next: /;
const NO_ACCOUNT = /releases run as the account of the engine and may read all that it may: .+\. Next: /;

test('Without namespaces doctor, the plan of a build and that of an environment say what they do not keep from whom', async () => {
  const { doctor, build, releases } = await said(null, WITHOUT_NAMESPACES);
  expect(doctor.map(({ what, level }) => `${what} ${level}`)).toEqual(['sandbox warning', 'releases warning']);
  expect(doctor[0]?.text).toMatch(/builds and tests run as this account, without a sandbox: .*not permitted/i);
  expect(doctor[1]?.text).toMatch(/releases run as this account and may read all that it may: /);
  for (const { next } of doctor) expect(next).toBeTruthy();
  expect(build.join('\n')).toMatch(NO_SANDBOX);
  expect(releases.join('\n')).toMatch(NO_ACCOUNT);
});

test('An account that is not root is told that releases are its own, and no more than that where builds are apart', async () => {
  const { doctor, build, releases } = await said(isRoot ? NOBODY : null);
  expect(doctor[1]).toMatchObject({ what: 'releases', level: 'warning' });
  expect(releases.join('\n')).toMatch(/only root can start programs under other accounts/);
  expect(build.some((words) => NO_SANDBOX.test(words))).toBe(doctor[0]?.level === 'warning');
});

test('A root to whom a container gives no other account is told so, and nothing fails', async () => {
  if ((await sandboxProblem()) !== null) return;
  const { doctor, releases } = await said(null, ['unshare', '--user', '--map-root-user', '--']);
  expect(doctor.map(({ what, level }) => `${what} ${level}`)).toEqual(['sandbox warning', 'releases warning']);
  expect(releases.join('\n')).toMatch(/may read all that it may: .*(EINVAL|invalid argument)/i);
});

test('Where everything is apart nothing is said', async () => {
  if ((await sandboxProblem()) !== null || (await releaseAccountProblem()) !== null) return;
  const { doctor, build, releases } = await said(null);
  expect(doctor.map(({ level }) => level)).toEqual(['ok', 'ok']);
  expect([build.filter((words) => NO_SANDBOX.test(words)), releases]).toEqual([[], []]);
});

test('`mvca plan` prints what a machine cannot see to above the steps', () => {
  const plan: Plan = {
    app: 'shop',
    version: '1.0.0',
    inputs: 'sha256:1',
    environments: [],
    warnings: ['releases run as the account of the engine'],
    digest: 'sha256:2',
  };
  const text = planLines(plan)
    .flatMap((each) => each.map((part) => part.text))
    .join('');
  expect(text).toContain('warning: releases run as the account of the engine');
});
