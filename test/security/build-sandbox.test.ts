/** An install script and a build may be anybody's code. What they try, each as a command of a build that then tells what it met. */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { noNetworkProblem, sandboxProblem } from '../../system/sandbox/sandbox';
import type { BuildSpec } from '../../domain/spec/spec';
import { builderAt } from '../support/builder';
import { failureOf, inActivity } from '../support/in-activity';
import { livingWith } from '../support/living';
import { removeScratch, scratch, sharedFolder, writeFiles } from '../support/scratch';

jest.setTimeout(480_000);
const builder = builderAt();
const { home } = builder;
const isRoot = process.getuid?.() === 0;
let problem: string | null = null;

beforeAll(async () => {
  problem = await sandboxProblem();
  if (problem !== null) process.stdout.write(`no sandbox on this machine: ${problem}\n`);
  for (const folder of [home.secrets, home.store, home.host]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(home.secrets, 'key'), randomBytes(32).toString('base64'), { mode: 0o600 });
});
afterAll(removeScratch);

/** Runs a script as the build of an application, and answers what it wrote into `found.json`. */
async function attack(script: string, build: Partial<BuildSpec> = {}): Promise<Record<string, unknown>> {
  const folder = scratch();
  const tries = `const fs=require('fs'),cp=require('child_process'),net=require('net');
const attempt=(what)=>{try{return String(what())}catch(error){return error.code??error.message}};
const tell=(found)=>fs.writeFileSync('found.json',JSON.stringify(found));`;
  writeFiles(folder, { 'package.json': '{}', 'make.js': `${tries}\n${script}\n// ${randomUUID()}` });
  const made = await builder.build(folder, { command: [['node', 'make.js']], ...build });
  const file = path.join(await builder.unpack(made), 'found.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

const quoted = JSON.stringify;
const NOT_THERE = expect.stringMatching(/^(ENOENT|EACCES|EPERM)$/) as unknown;

describe('A build', () => {
  const inSandbox = (name: string, work: () => Promise<void>) =>
    test(name, async () => {
      if (problem === null) await work();
    });

  inSandbox(
    'finds neither the key, nor the store, nor what serves, nor the home of whoever runs the engine',
    async () => {
      const secret = path.join(scratch(), 'secret');
      writeFileSync(secret, 'x');
      const places = [path.join(home.secrets, 'key'), secret];
      const folders = [home.root, home.store, home.host, os.homedir(), path.join(os.homedir(), '.ssh')];
      const found = await attack(`tell({
      files: ${quoted(places)}.map((file)=>attempt(()=>fs.readFileSync(file))),
      folders: ${quoted(folders)}.map((folder)=>attempt(()=>fs.readdirSync(folder).filter((name)=>!['work','cache','.pyenv','.cargo','.nvm','.local','.volta'].includes(name)))),
      shadow: attempt(()=>fs.readFileSync('/etc/shadow')),
    })`);
      expect(found['files']).toEqual(places.map(() => NOT_THERE));
      for (const each of found['folders'] as string[]) expect(each).toMatch(/^(ENOENT|EACCES)?$/);
      expect(found['shadow']).toEqual(NOT_THERE);
    },
  );

  inSandbox('sees no process but its own, and ends none: not the worker, not a release', async () => {
    const found = await attack(`tell({
      environ: attempt(()=>fs.readFileSync('/proc/${process.pid}/environ')),
      kill: attempt(()=>process.kill(${process.pid},'SIGKILL')),
      processes: fs.readdirSync('/proc').filter((name)=>/^\\d+$/.test(name)).length,
      capabilities: /CapEff:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1],
      privileges: /NoNewPrivs:\\s*(\\d)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1],
      uid: process.getuid(), name: attempt(()=>require('os').userInfo().username),
    })`);
    expect(found).toMatchObject({ environ: NOT_THERE, capabilities: '0000000000000000', privileges: '1' });
    expect(['ESRCH', 'EPERM']).toContain(found['kill']);
    expect(found['processes']).toBeLessThan(10);
    if (isRoot) expect(found['uid']).toBeGreaterThanOrEqual(1_900_000_000);
    else expect(found['uid']).toBe(process.getuid?.());
    expect(found['name']).not.toMatch(/ENOENT|SystemError/);
  });

  inSandbox('finds no work folder and no cache of another application', async () => {
    await attack('tell({})');
    const works = quoted(home.work);
    const found = await attack(`tell({
      works: fs.readdirSync(${works}).length,
      inside: fs.readdirSync(${works}).map((name)=>attempt(()=>fs.readdirSync(${works}+'/'+name).sort())),
      caches: fs.readdirSync(${quoted(path.join(home.root, 'cache'))}).length,
    })`);
    expect(found).toEqual({ works: 1, inside: ['home,tree'], caches: 1 });
  });

  inSandbox('cannot get out by namespaces of its own, nor uncover what is hidden', async () => {
    const found = await attack(`tell({
      mounts: cp.spawnSync('unshare',['-Urm','sh','-c','umount -l /tmp; umount -l /proc; ls ${home.secrets}']).status,
      root: attempt(()=>fs.readdirSync('/.before')), write: attempt(()=>fs.writeFileSync('/usr/x','')),
      key: attempt(()=>fs.readFileSync('/proc/1/root${home.secrets}/key')),
    })`);
    expect(found['mounts']).not.toBe(0);
    expect(found).toMatchObject({ root: 'ENOENT', key: NOT_THERE });
    expect(['EROFS', 'EACCES']).toContain(found['write']);
  });

  inSandbox('has no program of the set-up load what its variables name', async () => {
    const trace = path.join(builder.shared, 'loaded');
    const startup = path.join(builder.shared, 'startup.sh');
    writeFiles(builder.shared, { 'startup.sh': `echo $(id -u) >> ${trace}\n`, 'library.so': '' });
    const variables = {
      LD_PRELOAD: path.join(builder.shared, 'library.so'),
      LD_AUDIT: path.join(builder.shared, 'library.so'),
      ENV: startup,
      BASH_ENV: startup,
      IFS: 'x',
      ODD: `a "b" $(touch ${trace}) \`c\` \\ 'd'\nnext`,
    };
    const found = await attack('tell({ env: process.env })', { variables });
    expect(found['env']).toMatchObject(variables);
    expect(Object.keys(found['env'] as object).filter((name) => name.includes('CARRIED'))).toEqual([]);
    expect(existsSync(trace)).toBe(false);
    // The loader says so once for each program that it starts with such a variable: for those of the build alone.
    const logs = readdirSync(home.work).map((name) => path.join(home.work, name, 'logs/build.log'));
    const said = logs.map((file) => readFileSync(file, 'utf8')).filter((text) => text.includes('library.so'));
    expect(said.join('').match(/LD_PRELOAD/g)?.length ?? 0).toBeLessThanOrEqual(2);
  });

  inSandbox('leaves nothing running, also not in a session of its own', async () => {
    const mark = `mark-${randomUUID()}`;
    await attack(
      `cp.spawn(process.execPath,['-e','setInterval(()=>{},1000)','${mark}'],{detached:true,stdio:'ignore'}).unref();tell({})`,
    );
    expect(livingWith(mark)).toEqual([]);
  });

  inSandbox('has its own temporary folder, and writes where it is built', async () => {
    const name = `mvca-${randomUUID()}`;
    const found = await attack(`fs.writeFileSync('/tmp/${name}','');
      tell({ there: fs.existsSync('/tmp/${name}'), others: attempt(()=>fs.readdirSync('/tmp').filter((each)=>each.startsWith('mvca-test-'))) })`);
    expect(found['there']).toBe(true);
    expect(() => readFileSync(path.join(os.tmpdir(), name))).toThrow();
  });

  inSandbox('is ended with words when it fills the memory', async () => {
    const small = builderAt(undefined, undefined, 200 * 1024 * 1024);
    const folder = scratch();
    writeFiles(folder, {
      'make.js': 'const all=[];setInterval(()=>all.push(Buffer.alloc(20*1024*1024,1)),20)',
    });
    const failure = await failureOf(small.build(folder, { command: [['node', 'make.js']] }));
    expect(failure.message).toMatch(/was ended: the memory of its processes had grown to [\d,]+ MB, and 200 MB/);
  });

  inSandbox('that forks without end takes no process from others', async () => {
    const found = await attack(`let made=0,refused=0;const all=[];
      for(let n=0;n<600&&!refused;n++){const r=cp.spawn('sleep',['100']);if(r.pid===undefined)refused++;else{made++;all.push(r)};r.on('error',()=>{})}
      tell({limit: /Max processes\\s+(\\d+)/.exec(fs.readFileSync('/proc/self/limits','utf8'))[1]});process.exit(0)`);
    expect(Number(found['limit'])).toBeLessThanOrEqual(4_096);
  });

  test('reaches no network where the spec says so, and the install still does', async () => {
    if ((await noNetworkProblem()) !== null) {
      const failure = await failureOf(attack('tell({})', { network: 'none' }));
      return expect(failure.message).toContain('cannot take it away');
    }
    const server = net.createServer((socket) => socket.on('error', () => undefined).end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const connect = `const outcome=(file)=>{const socket=net.connect(${port},'127.0.0.1',()=>{fs.writeFileSync(file,'connected');socket.destroy()});
      socket.on('error',(error)=>fs.writeFileSync(file,error.code))};`;
    try {
      const own = `const server=net.createServer().listen(0,'127.0.0.1',()=>{server.close();tell({build:attempt(()=>fs.readFileSync('b')),loopback:true})})`;
      const script = (file: string) => `${connect}outcome('${file}')`;
      const folder = scratch();
      const head = "const fs=require('fs'),net=require('net');";
      writeFiles(folder, { 'i.js': `${head}${script('i')}`, 'b.js': `${head}${script('b')}` });
      const made = await builder.build(folder, {
        install: [['node', 'i.js']],
        command: [['node', 'b.js']],
        network: 'install',
      });
      const out = await builder.unpack(made);
      expect(readFileSync(path.join(out, 'i'), 'utf8')).toBe('connected');
      expect(readFileSync(path.join(out, 'b'), 'utf8')).toBe('ECONNREFUSED');
      expect(await attack(own, { network: 'none' })).toMatchObject({ loopback: true });
    } finally {
      server.close();
    }
  });
});

test('An install script finds no key either, and the tests of an application run in the same sandbox', async () => {
  if (problem !== null) return;
  const key = path.join(home.secrets, 'key');
  const look = `node -e "try{require('fs').readFileSync('${key}');process.exit(7)}catch{}"`;
  const folder = scratch();
  writeFiles(folder, {
    'package.json': JSON.stringify({ name: 'a', version: '1.0.0', scripts: { postinstall: look, test: look } }),
    'package-lock.json': JSON.stringify({ name: 'a', version: '1.0.0', lockfileVersion: 3, packages: {} }),
  });
  const source = await builder.request(folder, { install: [['npm', 'ci']] });
  const result = await inActivity(() =>
    builder.workshop.use(source, (bench) =>
      bench.run({ argv: ['npm', 'test'], variables: {}, timeoutMs: 60_000, log: 'unit' }),
    ),
  );
  expect(result).toMatchObject({ end: 'exited', code: 0 });
});

test('A folder that is shown to every build is the only way around it', async () => {
  if (problem !== null) return;
  const other = sharedFolder();
  const found = await attack(`fs.writeFileSync(${quoted(path.join(builder.shared, 'trace'))},'');
    tell({ other: attempt(()=>fs.writeFileSync(${quoted(path.join(other, 'trace'))},'')) })`);
  expect(readFileSync(path.join(builder.shared, 'trace'), 'utf8')).toBe('');
  expect(found['other']).toEqual(NOT_THERE);
});
