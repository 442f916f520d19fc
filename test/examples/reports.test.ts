import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { JsonReport } from '../../domain/reports/json';
import { packageRoot } from '../../scripts/example-apps';

const FOLDER = path.join(packageRoot(), 'docs', 'examples');
const NAMES = ['succeeded', 'rejected', 'rolled-back', 'rollback-failed'] as const;
const textOf = (file: string): string => readFileSync(path.join(FOLDER, file), 'utf8');

test.each(NAMES)('the report of what %s is there in every form, and says the same in each', (name) => {
  const { sentence, status } = JSON.parse(textOf(`${name}.json`)) as JsonReport;
  expect(status.outcome).toBe(name);
  const [beginning = ''] = sentence.split(/[%`_:]/);
  expect(beginning.length).toBeGreaterThan(10);
  expect(textOf(`${name}.html`)).toContain(beginning);
  expect(textOf(`${name}.md`)).toContain(beginning);
});

test.each(NAMES)('the HTML of what %s loads nothing, and holds nothing of the machine that made it', (name) => {
  expect(textOf(`${name}.html`)).not.toMatch(/<(script|link|img|iframe)|href=|src=|url\(/i);
  for (const kind of ['html', 'md', 'json'])
    expect(textOf(`${name}.${kind}`)).not.toMatch(/\/(tmp|work|root)\/|mvca-demo/);
});

test('the canary that was rolled back names its cause, whom it hit and what mends it', () => {
  const markdown = textOf('rolled-back.md');
  for (const part of ['EXCHANGE_RATES_KEY', 'saw an error', 'mvca secrets set shop production EXCHANGE_RATES_KEY'])
    expect(markdown).toContain(part);
  expect(textOf('rolled-back.html')).toContain('<svg');
});

test('what could not be rolled back names thing by thing what is left, why, and the command that finishes it', () => {
  const { status } = JSON.parse(textOf('rollback-failed.json')) as JsonReport;
  expect(status.unfinished.map(({ step }) => step)).toEqual(['shift', 'start', 'make-room']);
  const [fresh, , old] = status.unfinished.map(({ release }) => release);
  const back = `mvca rollback shop --environment production --to ${old ?? ''} --reason WHY`;
  const commands = [back, `mvca retire shop ${fresh ?? ''} --environment production`, back];
  expect(status.unfinished.map(({ command }) => command)).toEqual(commands);
  for (const form of ['md', 'html'])
    for (const part of [...commands, 'no space left on device'])
      expect(textOf(`rollback-failed.${form}`)).toContain(part);
});

test('the pictures are small', () => {
  const pictures = readdirSync(FOLDER).filter((file) => file.endsWith('.png'));
  expect(pictures).toHaveLength(2 * NAMES.length);
  for (const picture of pictures) expect(statSync(path.join(FOLDER, picture)).size).toBeLessThan(250_000);
});

test('every link of the page leads to a file', () => {
  for (const [, to = ''] of textOf('README.md').matchAll(/\]\(([^)]+)\)/g))
    expect(statSync(path.join(FOLDER, to)).isFile()).toBe(true);
});
