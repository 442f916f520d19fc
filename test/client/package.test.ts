import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const MAIN = path.join(ROOT, 'dist/client/index.js');

test('an ES module can import the names of the package', () => {
  const script = `import { connect, createDeployments, loadSpec } from ${JSON.stringify(MAIN)};
    console.log([connect, createDeployments, loadSpec].map((each) => typeof each).join());`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(said.trim()).toBe('function,function,function');
});

test('what is shipped does not tell where it was built', () => {
  expect(sourcesOf(MAIN)).toEqual(['../../client/index.ts']);
  const bundled = sourcesOf(path.join(ROOT, 'dist/workflow-bundle.js'));
  expect(bundled).toContain('workflows/deploy.ts');
  expect(bundled.filter((source) => source.includes(ROOT))).toEqual([]);
});

function sourcesOf(file: string): string[] {
  const map = /sourceMappingURL=data:application\/json[^,]*;base64,(\S+)/.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return (JSON.parse(Buffer.from(map, 'base64').toString('utf8')) as { sources: string[] }).sources;
}
