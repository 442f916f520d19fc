import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { MockActivityEnvironment } from '@temporalio/testing';
import { identify } from '../../../system/process-identity';
import type { SourceRequest } from '../../../activities/contract';
import { isFree } from '../../../activities/build/work-folder';
import type { Artifact } from '../../../domain/source';
import { until } from '../../host/place';
import { readTree } from '../../../system/tree';
import { builderAt } from '../../support/builder';
import { failureOf, inActivity, ranInActivity } from '../../support/in-activity';
import { livingWith } from '../../support/living';
import { removeScratch, scratch, writeFiles } from '../../support/scratch';

const builder = builderAt();
afterAll(removeScratch);

/** An application whose build is one script. */
function applicationWith(script: string, files: Readonly<Record<string, string>> = {}): string {
  const folder = scratch();
  writeFiles(folder, { 'make.js': script, ...files });
  return folder;
}
const command = [['node', 'make.js']];

/** As a deployment does it: what another builds is waited for outside of the activity. */
async function builtWhenFree(source: SourceRequest): Promise<Artifact> {
  for (;;) {
    try {
      return await inActivity(() => builder.buildArtifact(source));
    } catch (error) {
      if ((error as { readonly type?: string }).type !== 'SourceBusy') throw error;
    }
  }
}
const WRITES = "require('fs').mkdirSync('dist',{recursive:true});require('fs').writeFileSync('dist/out.js','made');";

describe('An artifact', () => {
  test('is what the build made, stored by its digest', async () => {
    const artifact = await builder.build(applicationWith(WRITES, { 'src/a.js': 'a' }), { command });
    expect(await builder.names(artifact)).toEqual(['dist/out.js', 'make.js', 'src/a.js']);
    expect(artifact).toMatchObject({ kind: 'tar', files: 3, built: true, warnings: [] });
    expect(path.basename(await builder.artifacts.open(artifact))).toBe(`${artifact.digest.slice(7)}.tar`);
  });

  test.each(['tar', 'zip'] as const)(
    'packed as %s is the same byte for byte in another home and another zone',
    async (kind) => {
      const folder = applicationWith(WRITES, {
        'bin/run': '#!/bin/sh\n',
        'z/empty.txt': '',
        'ü/x.js': 'x'.repeat(5_000_000),
      });
      mkdirSync(path.join(folder, 'lib'));
      symlinkSync('../src', path.join(folder, 'lib/src'));
      const spec = { command, artifact: { kind, include: [], prune: true } };
      const one = await builder.build(folder, spec);
      const zone = process.env['TZ'];
      process.env['TZ'] = 'Pacific/Auckland';
      const two = await builderAt().build(folder, spec);
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
      expect(two.digest).toBe(one.digest);
      const out = await builder.unpack(one);
      expect(await readTree(out)).toContainEqual({ kind: 'link', path: 'lib/src', target: '../src' });
      expect(readFileSync(path.join(out, 'ü/x.js'), 'utf8')).toHaveLength(5_000_000);
    },
  );

  test('leaves out what .mvcaignore names, .git and what tools keep for themselves', async () => {
    const folder = applicationWith(
      `${WRITES}require('fs').mkdirSync('node_modules/.cache/x',{recursive:true});require('fs').writeFileSync('node_modules/.cache/x/y','z')`,
      {
        '.mvcaignore': 'docs/\n*.map\n',
        'docs/a.md': '',
        'a.js.map': '',
      },
    );
    expect(await builder.names(await builder.build(folder, { command }))).toEqual([
      '.mvcaignore',
      'dist/out.js',
      'make.js',
    ]);
  });

  test('has only what the spec includes, and package.json', async () => {
    const folder = applicationWith(WRITES, {
      'package.json': '{"type":"module","scripts":{}}',
      'make.cjs': WRITES,
      'other/b.js': 'b',
    });
    const artifact = { kind: 'tar' as const, include: ['dist/', './other/b.js'], prune: true };
    const made = await builder.build(folder, { command: [['node', 'make.cjs']], artifact });
    expect(await builder.names(made)).toEqual(['dist/out.js', 'other/b.js', 'package.json']);
    const failure = await failureOf(builder.build(folder, { artifact: { ...artifact, include: ['distt'] } }));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true, message: expect.stringContaining('distt') });
  });

  test('with a link out of the tree is refused by its name', async () => {
    const folder = applicationWith("require('fs').symlinkSync('/etc/hostname','leak')");
    const failure = await failureOf(builder.build(folder, { command }));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
    expect(failure.message).toContain('leak cannot be packed: it leads to the absolute path /etc/hostname');
  });

  test('that was damaged is not used, and is built anew', async () => {
    const folder = applicationWith(WRITES, { 'unique.txt': 'damaged' });
    const artifact = await builder.build(folder, { command });
    writeFileSync(await builder.artifacts.open(artifact), 'spoilt');
    expect(await failureOf(builder.artifacts.open(artifact))).toMatchObject({ type: 'ArtifactDamaged', final: true });
    const again = await builder.build(folder, { command });
    expect(again).toMatchObject({ digest: artifact.digest, built: true });
    await builder.artifacts.open(again);
  });
});

describe('The same inputs', () => {
  test('are built once, and the second deployment finds what the first made', async () => {
    const counter = path.join(builder.shared, 'count');
    const folder = applicationWith(`require('fs').appendFileSync(${JSON.stringify(counter)},'x');${WRITES}`);
    const source = await builder.request(folder, { command });
    await inActivity(() => builder.workshop.use(source, async () => undefined));
    const first = await inActivity(() => builder.buildArtifact(source));
    const second = await inActivity(() => builder.buildArtifact(source));
    expect(first.built).toBe(true);
    expect(second).toEqual({ ...first, built: false });
    expect(readFileSync(counter, 'utf8')).toBe('x');
  });

  test('are those of a source whose spec alone changed: the build does not see it, the tests see the new one', async () => {
    const counter = path.join(builder.shared, 'count-spec');
    const script = `require('fs').appendFileSync(${JSON.stringify(counter)},String(require('fs').existsSync('deployment.yaml')));${WRITES}`;
    const folder = applicationWith(script, { 'deployment.yaml': 'one' });
    const specSeenBy = async (source: SourceRequest): Promise<string> => {
      let seen = '';
      await inActivity(() =>
        builder.workshop.use(source, async (bench) => {
          seen = readFileSync(path.join(bench.folder, 'deployment.yaml'), 'utf8');
          unlinkSync(path.join(bench.folder, 'deployment.yaml'));
          symlinkSync(counter, path.join(bench.folder, 'deployment.yaml'));
        }),
      );
      return seen;
    };
    const one = await builder.request(folder, { command });
    expect(await specSeenBy(one)).toBe('one');
    const first = await inActivity(() => builder.buildArtifact(one));
    writeFiles(folder, { 'deployment.yaml': 'two' });
    const two = await builder.request(folder, { command });
    expect(await specSeenBy(two)).toBe('two');
    expect(await inActivity(() => builder.buildArtifact(two))).toEqual({ ...first, built: false });
    expect(await builder.names(first)).toEqual(['dist/out.js', 'make.js']);
    expect(readFileSync(counter, 'utf8')).toBe('false');
  });

  test('built at the same time are built once', async () => {
    const counter = path.join(builder.shared, 'count-together');
    const folder = applicationWith(
      `require('fs').appendFileSync(${JSON.stringify(counter)},'x');${WRITES}setTimeout(()=>{},700)`,
    );
    const source = await builder.request(folder, { command });
    const made = await Promise.all([1, 2, 3].map(() => builtWhenFree(source)));
    expect(new Set(made.map(({ digest }) => digest)).size).toBe(1);
    expect(made.filter(({ built }) => built)).toHaveLength(1);
    expect(readFileSync(counter, 'utf8')).toBe('x');
  });

  test('that are being built for long are not waited for in a slot that others need', async () => {
    const folder = applicationWith(`${WRITES}setTimeout(()=>{},60_000)`);
    const source = await builder.request(folder, { command });
    const environment = new MockActivityEnvironment();
    const first = environment.run(() => builder.buildArtifact(source));
    await until('it builds', () => !isFree(builder.home, source.snapshot.inputs));
    const begun = performance.now();
    expect(await failureOf(inActivity(() => builder.buildArtifact(source)))).toMatchObject({
      type: 'SourceBusy',
      final: true,
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
    const { inputs } = source.snapshot;
    const busy = await failureOf(inActivity(() => builder.awaitSource({ inputs })));
    expect(busy).toMatchObject({ type: 'NotYet', final: false });
    environment.cancel();
    await first.catch(() => undefined);
    await inActivity(() => builder.awaitSource({ inputs }));
  });
});

describe('A build', () => {
  test('sees a clean environment and the source that it builds', async () => {
    process.env['SECRET_OF_THE_WORKER'] = 'do not show';
    process.env['NODE_ENV_BEFORE'] = 'x';
    const folder = applicationWith("require('fs').writeFileSync('env.json',JSON.stringify(process.env))");
    const made = await builder.build(folder, { command, variables: { COLOUR: 'blue' } });
    const env = JSON.parse(readFileSync(path.join(await builder.unpack(made), 'env.json'), 'utf8')) as Record<
      string,
      string
    >;
    delete process.env['SECRET_OF_THE_WORKER'];
    delete process.env['NODE_ENV_BEFORE'];
    const names = Object.keys(env).filter((name) => !name.startsWith('npm_config_'));
    expect(names.filter((name) => !['PATH', 'HOME', 'LANG', 'TZ'].includes(name)).sort()).toEqual(['CI', 'COLOUR']);
  });

  test('that fails says the command, how it ended and the lines that matter, and leaves nothing but its log', async () => {
    const folder = applicationWith(
      "console.log('fine');console.error('Error: no such colour: bleu');process.exitCode=3",
    );
    const source = await builder.request(folder, { command });
    const failure = await failureOf(inActivity(() => builder.buildArtifact(source)));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
    expect(failure.message).toMatch(
      /^`node make\.js` exited with code 3 after \d+\.\d s\n {2}Error: no such colour: bleu\nThe whole output: /,
    );
    const log = failure.message.split('The whole output: ')[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('fine');
    expect(readdirSync(path.dirname(path.dirname(log)))).toEqual(['logs']);
  });

  test('begins anew after a failure', async () => {
    const flag = path.join(builder.shared, 'flag');
    const folder = applicationWith(
      `const fs=require('fs');if(fs.existsSync('half'))throw Error('debris');fs.writeFileSync('half','');if(!fs.existsSync(${JSON.stringify(flag)}))process.exit(1);`,
    );
    const source = await builder.request(folder, { command });
    await failureOf(inActivity(() => builder.buildArtifact(source)));
    writeFileSync(flag, '');
    expect((await inActivity(() => builder.buildArtifact(source))).built).toBe(true);
  });

  test('that never ends is ended with its children', async () => {
    const [mark, trace] = [`mark-${randomUUID()}`, path.join(builder.shared, 'began')];
    const child = "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)";
    const folder = applicationWith(
      `require('child_process').spawn(process.execPath,['-e',${JSON.stringify(child)},'${mark}']);require('fs').writeFileSync(${JSON.stringify(trace)},'');setInterval(()=>{},1000)`,
    );
    const failure = await failureOf(builder.build(folder, { command, timeoutMs: 1_000 }));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
    expect(failure.message).toContain('was still running');
    expect(failure.message).toContain('build.timeout');
    expect(existsSync(trace)).toBe(true);
    expect(livingWith(mark)).toEqual([]);
  });

  test('that fills its quota is ended with words', async () => {
    const small = builderAt(undefined, 20 * 1024 * 1024);
    const folder = applicationWith(
      "const fs=require('fs');let n=0;setInterval(()=>fs.writeFileSync('f'+(n++),Buffer.alloc(4*1024*1024)),100)",
    );
    const failure = await failureOf(small.build(folder, { command }));
    expect(failure).toMatchObject({ type: 'BuildFailed', final: true });
    expect(failure.message).toMatch(/was ended: the work folder had grown to \d+ MB, and 20 MB are allowed/);
  });

  test('whose program is missing says so', async () => {
    const failure = await failureOf(builder.build(applicationWith(''), { command: [['no-such-program', 'a b']] }));
    expect(failure.message).toContain(
      "`no-such-program 'a b'` could not be started: there is no program `no-such-program`",
    );
  });

  test('is followed line by line, without colours', async () => {
    const folder = applicationWith(
      "let n=0;const t=setInterval(()=>{console.log('\\u001b[31mline '+(++n)+'\\u001b[0m');if(n===60)clearInterval(t)},25)",
    );
    const source = await builder.request(folder, { command });
    const { heartbeats } = await ranInActivity(() => builder.buildArtifact(source));
    const seen = heartbeats.filter(({ doing }) => doing === 'node make.js');
    const lines = new Map(seen.flatMap(({ lines: some }) => some.map(({ n, text }) => [n, text] as const)));
    expect(lines.get(20)).toBe('line 20');
    expect(Math.max(...seen.map(({ lines: some }) => some.length))).toBeLessThanOrEqual(20);
    expect(
      readFileSync(seen.at(-1)?.log ?? '', 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(60);
  });

  test('that is cancelled ends its command and leaves no tree', async () => {
    const source = await builder.request(applicationWith("console.log('started');setInterval(()=>{},1000)"), {
      command,
    });
    const environment = new MockActivityEnvironment();
    environment.on('heartbeat', ({ lines }: { lines: unknown[] }) => lines.length > 0 && environment.cancel());
    await expect(environment.run(() => builder.buildArtifact(source))).rejects.toThrow('cancelled');
    const folder = path.join(builder.home.work, source.snapshot.inputs.slice(7));
    expect(readdirSync(folder)).toEqual(['logs']);
  });

  test('ends what a killed worker left running before it begins anew', async () => {
    const source = await builder.request(applicationWith(`${WRITES}//orphan`), { command });
    const folder = path.join(builder.home.work, source.snapshot.inputs.slice(7));
    mkdirSync(path.join(folder, 'tree'), { recursive: true });
    const orphan = spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)'], {
      cwd: path.join(folder, 'tree'),
      detached: true,
    });
    const gone = new Promise((resolve) => orphan.once('exit', resolve));
    writeFileSync(path.join(folder, 'running.json'), JSON.stringify(identify(orphan.pid ?? 0)));
    expect((await inActivity(() => builder.buildArtifact(source))).built).toBe(true);
    await gone;
  });
});

describe('Static files', () => {
  const spec = { static: ['dist'] };

  test('get compressed copies where that pays', async () => {
    const text = 'body { color: red }\n'.repeat(200);
    const folder = applicationWith('', {
      'dist/a.css': text,
      'dist/small.css': 'x',
      'dist/photo.png': text,
      'dist/own.js': text,
      'dist/own.js.gz': 'the own one',
    });
    const made = await builder.build(folder, spec);
    const names = (await builder.names(made)).filter((name) => name.startsWith('dist'));
    expect(names).toEqual([
      'dist/a.css',
      'dist/a.css.br',
      'dist/a.css.gz',
      'dist/own.js',
      'dist/own.js.br',
      'dist/own.js.gz',
      'dist/photo.png',
      'dist/small.css',
    ]);
    const out = await builder.unpack(made);
    expect(zlib.gunzipSync(readFileSync(path.join(out, 'dist/a.css.gz'))).toString()).toBe(text);
    expect(zlib.brotliDecompressSync(readFileSync(path.join(out, 'dist/a.css.br'))).toString()).toBe(text);
    expect(readFileSync(path.join(out, 'dist/own.js.gz'), 'utf8')).toBe('the own one');
  });

  test('that the build did not make are missed by name', async () => {
    expect((await failureOf(builder.build(applicationWith(''), spec))).message).toContain('`build.static` names dist');
  });
});

test('Work folders that were not used for long are removed, and nothing else', async () => {
  const own = builderAt();
  for (let n = 0; n < 7; n += 1) await own.build(applicationWith(`//${n}`), { command });
  expect(readdirSync(own.home.work)).toHaveLength(5);
  expect(readdirSync(path.join(own.home.store, 'artifacts'))).toHaveLength(7);
  expect(existsSync(own.home.root)).toBe(true);
});
