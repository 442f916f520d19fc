/** Who can write into the store, and not read the machine's key, has no other bytes deployed: notes of builds that are not ours count as absent. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Artifact } from '../../domain/source';
import { builderAt } from '../support/builder';
import { removeScratch, scratch, writeFiles } from '../support/scratch';

afterAll(removeScratch);

const noteOf = (root: string, { inputs }: Artifact): string =>
  path.join(root, 'store/builds', `${inputs.replace('sha256:', '')}.json`);

function folderWith(text: string): string {
  const folder = scratch();
  writeFiles(folder, { 'server.js': text });
  return folder;
}

async function twoBuilds() {
  const root = path.join(scratch(), 'home');
  const builder = builderAt(root);
  const [good, evil] = [folderWith("'good'"), folderWith("'evil'")];
  const first = await builder.build(good);
  return { root, builder, good, first, other: await builder.build(evil) };
}

const FORGERIES: readonly [string, (root: string, first: Artifact, other: Artifact) => string][] = [
  ['edited', (root, first, other) => readFileSync(noteOf(root, first), 'utf8').replaceAll(first.digest, other.digest)],
  ["another build's", (root, _first, other) => readFileSync(noteOf(root, other), 'utf8')],
  [
    'without its seal',
    (root, first, other) => {
      const { value } = JSON.parse(readFileSync(noteOf(root, first), 'utf8')) as { value: object };
      return JSON.stringify({ ...value, digest: other.digest });
    },
  ],
];

test.each(FORGERIES)(
  'a note of a build that is %s is not believed: the source is built anew, and that is said',
  async (_how, forge) => {
    const { root, builder, good, first, other } = await twoBuilds();
    expect(first.digest).not.toBe(other.digest);
    writeFileSync(noteOf(root, first), forge(root, first, other));
    const again = await builder.build(good);
    expect(again).toMatchObject({ digest: first.digest, built: true });
    expect(again.warnings.join()).toContain(`${noteOf(root, first)} said what this source had given`);
  },
);

test('a note of ours is believed, and nothing is built twice', async () => {
  const { builder, good, first } = await twoBuilds();
  expect(await builder.build(good)).toMatchObject({ digest: first.digest, built: false, warnings: first.warnings });
});
