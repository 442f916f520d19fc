import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Hours } from '../../../host/router/hours';

const HOUR = 3_600_000;

describe('the traffic of the last days', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'mvca-hours-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (hours: unknown): Promise<void> => writeFile(path.join(folder, 'hours.json'), JSON.stringify(hours));
  const now = Math.floor(Date.now() / HOUR);
  const hour = (ago: number, requests: number, seconds = 3_600) => ({ hour: now - ago, seconds, requests });

  test('is the median hour, and the quiet one', async () => {
    await write([hour(5, 36_000), hour(4, 0), hour(3, 3_600), hour(2, 7_200), hour(1, 10_800)]);
    const hours = await Hours.open(folder);
    const rate = hours.rate();
    await hours.close();
    expect(rate).toMatchObject({ perSecond: 2, hours: 5 });
    expect(rate?.quietPerSecond).toBeCloseTo(0.4);
  });

  test('goes on with what was counted before, after a restart', async () => {
    await write([hour(1, 3_600)]);
    const hours = await Hours.open(folder);
    for (let n = 0; n < 50; n += 1) hours.count();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await hours.close();
    const saved = JSON.parse(await readFile(path.join(folder, 'hours.json'), 'utf8')) as { requests: number }[];
    expect(saved.map(({ requests }) => requests)).toEqual([3_600, 50]);
  });

  test('is unknown before it was counted for half a minute', async () => {
    const hours = await Hours.open(folder);
    hours.count();
    expect(hours.rate()).toBeNull();
    await hours.close();
  });

  test('begins anew where the file is no such file', async () => {
    await writeFile(path.join(folder, 'hours.json'), '{ broken');
    const hours = await Hours.open(folder);
    expect(hours.rate()).toBeNull();
    await hours.close();
  });
});
