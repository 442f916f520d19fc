import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import path from 'node:path';
import { contentFile, digestOfFile, hexOf, storeContent } from '../../system/content-store';
import { listeningPorts } from '../../system/listening-ports';
import { identify } from '../../system/process-identity';
import { registryEnvironment, runCommand } from '../../system/run-command';
import { readTree } from '../../system/tree';
import { removeScratch, scratch, writeFiles } from '../support/scratch';
import { freePort } from '../support/ports';

afterAll(removeScratch);
const node = (script: string) => ({
  argv: [process.execPath, '-e', script],
  cwd: '/',
  env: { PATH: process.env['PATH'] ?? '' },
  timeoutMs: 30_000,
});

test('An install sees how to reach the registry, and not what its caller set for itself', () => {
  const seen = registryEnvironment({
    npm_config_registry: 'https://npm.example.com',
    NPM_CONFIG_REGISTRY: 'https://npm.example.com',
    'npm_config_//npm.example.com/:_authToken': 't',
    'npm_config_@shop:registry': 'https://npm.example.com',
    'npm_config_strict-ssl': 'false',
    HTTPS_PROXY: 'http://proxy.example.com',
    NODE_EXTRA_CA_CERTS: '/ca.pem',
    npm_config_omit: 'dev',
    npm_config_global: 'true',
    npm_config_ignore_scripts: 'true',
    npm_config_prefix: '/x',
    NODE_ENV: 'production',
    DATABASE_URL: 'postgres://x',
  });
  expect(Object.keys(seen)).toEqual([
    'npm_config_registry',
    'NPM_CONFIG_REGISTRY',
    'npm_config_//npm.example.com/:_authToken',
    'npm_config_@shop:registry',
    'npm_config_strict-ssl',
    'HTTPS_PROXY',
    'NODE_EXTRA_CA_CERTS',
  ]);
});

test('A command is over when all that it started is gone', async () => {
  const child =
    "process.on('SIGTERM',()=>setTimeout(()=>process.exit(),300));setInterval(()=>{},1000);console.log('up')";
  const lines: string[] = [];
  const result = await runCommand({
    ...node(
      `const c=require('child_process').spawn(process.execPath,['-e',${JSON.stringify(child)}],{stdio:['ignore','pipe','ignore']});c.stdout.once('data',()=>{console.log(c.pid);process.exit(3)})`,
    ),
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ end: 'exited', code: 3, tail: lines });
  expect(identify(Number(lines[0]))).toBeNull();
});

test('A command tells its leader when it starts, and can be ended', async () => {
  const ended = new AbortController();
  const result = await runCommand({
    ...node('setInterval(()=>{},1000)'),
    signal: ended.signal,
    onStart: () => ended.abort(),
  });
  expect(result).toMatchObject({ end: 'aborted' });
});

test('The ports of a process group are told, those of its children too', async () => {
  const port = await freePort();
  const script = `require('child_process').spawn(process.execPath,['-e',"require('net').createServer().listen(${port},()=>console.log('up'))"],{stdio:'inherit'});setInterval(()=>{},1000)`;
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout !== null) await once(child.stdout, 'data');
  expect(await listeningPorts(child.pid ?? 0)).toEqual([port]);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'exit');
  expect(await listeningPorts(child.pid ?? 0)).toEqual([]);
});

test('Content is stored whole under its digest, or not at all', async () => {
  const folder = scratch();
  const stored = await storeContent(folder, 'tar', Readable.from([Buffer.from('a'), Buffer.from('b')]));
  expect(stored).toMatchObject({ bytes: 2, file: contentFile(folder, stored.digest, 'tar') });
  expect(await digestOfFile(stored.file)).toBe(stored.digest);
  writeFileSync(stored.file, 'spoilt');
  await storeContent(folder, 'tar', Readable.from([Buffer.from('ab')]));
  expect(await digestOfFile(stored.file)).toBe(stored.digest);
  const broken = Readable.from(
    (function* () {
      yield Buffer.from('x');
      throw new Error('cut off');
    })(),
  );
  await expect(storeContent(folder, 'tar', broken)).rejects.toThrow('cut off');
  expect(readdirSync(folder)).toHaveLength(1);
  for (const bad of ['', '../x', 'sha256:../../x', 'sha256:ABC']) expect(() => hexOf(bad)).toThrow('is not a digest');
});

test('A tree is read in the order of its bytes, without what is skipped', async () => {
  const folder = scratch();
  writeFiles(folder, { 'b/x': '', 'a-b': '', 'a/z': '', Z: '', ä: '', 'skip/deep/x': '' });
  mkdirSync(path.join(folder, 'empty'));
  const entries = await readTree(folder, (name) => name === 'skip');
  expect(entries.map((entry) => entry.path)).toEqual(['Z', 'a', 'a-b', 'a/z', 'b', 'b/x', 'empty', 'ä']);
});
