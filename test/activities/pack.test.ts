import { createReadStream, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { packTar, type PackEntry } from '../../activities/pack';
import { removeScratch, scratch } from '../support/scratch';

afterAll(removeScratch);

test('Who stops reading an archive ends the packing of it, and nothing breaks', async () => {
  const file = path.join(scratch(), 'file');
  const size = 8 * 1024 * 1024;
  writeFileSync(file, Buffer.alloc(size));
  const opened: { destroyed: boolean }[] = [];
  const entries = Array.from({ length: 20 }, (_, index): PackEntry => ({
    kind: 'file',
    path: `file-${index}`,
    mode: 0o644,
    size,
    content: async () => {
      await sleep(20);
      if (index % 2 === 1) return Buffer.alloc(size);
      const stream = createReadStream(file);
      opened.push(stream);
      return stream;
    },
  }));
  for (const stopAfter of [0, 8 * 1024 * 1024 + 1024]) {
    let read = 0;
    for await (const chunk of packTar(entries)) if ((read += chunk.length) > stopAfter) break;
    await sleep(300);
  }
  expect(opened.length).toBeLessThan(6);
  expect(opened.every(({ destroyed }) => destroyed)).toBe(true);
});
