import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { choosePorts, isFree } from '../../embedded/ports';
import { homeAt } from '../../system/home';
import type { Home } from '../../system/home';

let home: Home;
beforeEach(async () => {
  home = homeAt(await mkdtemp(path.join(os.tmpdir(), 'mvca-ports-')));
});
afterEach(() => rm(home.root, { recursive: true, force: true }));

test('ports are picked once and kept', async () => {
  const first = await choosePorts(home);
  const second = await choosePorts(home);
  expect(second).toEqual({ ports: first.ports, notes: [] });
  expect(first.ports.ui).not.toBe(first.ports.temporal);
});

test('a kept port that something else has taken is changed, and the note says so; the other one stays', async () => {
  const { ports } = await choosePorts(home);
  const other = net.createServer();
  await new Promise<void>((resolve) => other.listen(ports.temporal, '127.0.0.1', resolve));
  expect(await isFree(ports.temporal)).toBe(false);
  const changed = await choosePorts(home);
  expect(changed.ports.temporal).not.toBe(ports.temporal);
  expect(changed.ports.ui).toBe(ports.ui);
  expect(changed.notes).toEqual([
    `port ${ports.temporal} of Temporal is taken by something else; it is now ${changed.ports.temporal}`,
  ]);
  await new Promise((resolve) => other.close(resolve));
  expect((await choosePorts(home)).ports).toEqual(changed.ports);
});
