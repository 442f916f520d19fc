// Keeps one server for a run of jest: `node stack-keeper.js temporal|postgres <folder> <pid of jest>`. It ends with jest, however that
// ends, and takes the server with it.
const { existsSync } = require('node:fs');
const { writeFile, rename } = require('node:fs/promises');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { postgresAccount } = require('../../dist/embedded/account.js');
const { servesNamespace } = require('../../dist/embedded/grpc-check.js');
const { pickPort } = require('../../dist/embedded/ports.js');
const { databaseAddress, openFolder, preparePostgres, servesDatabase } = require('../../dist/embedded/postgres.js');
const { postgresBinaries } = require('../../dist/embedded/postgres-binaries.js');
const { launch, end } = require('../../dist/embedded/supervisor/launch.js');
const { findTemporalCli } = require('../../dist/embedded/temporal-cli.js');
const { temporalArgs } = require('../../dist/embedded/temporal-server.js');
const { homeAt } = require('../../dist/system/home.js');

const NAMESPACES = 56;
const [kind, folder, owner] = process.argv.slice(2);
const home = homeAt(path.join(folder, 'home'));
const log = path.join(folder, `${kind}.log`);
const environment = { PATH: process.env.PATH, HOME: process.env.HOME ?? '/', LC_ALL: 'C', TZ: 'UTC' };

async function temporal() {
  const cli = await findTemporalCli(home, () => undefined);
  const first = await pickPort();
  const places = { host: '127.0.0.1', grpc: first, ui: await pickPort(first) };
  const names = Array.from({ length: NAMESPACES }, (_, n) => ['--namespace', `test-${n}`]).flat();
  const running = await launch({
    program: cli.path,
    args: [...temporalArgs(path.join(folder, 'temporal.db'), places), ...names],
    env: environment,
    log,
  });
  const [address, uiUrl] = [`127.0.0.1:${places.grpc}`, `http://127.0.0.1:${places.ui}`];
  const serves = (namespace) => servesNamespace({ address, namespace, keys: null });
  return {
    running,
    signal: 'SIGTERM',
    isReady: async () => (await serves('default')) && (await serves(`test-${NAMESPACES - 1}`)) && answers(uiUrl),
    record: { address, namespace: 'default', uiUrl, cli: cli.path, namespaces: NAMESPACES },
  };
}

const answers = (url) =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

async function postgres() {
  const data = path.join(folder, 'postgres');
  const account = await postgresAccount(data);
  const command = await preparePostgres(data, await postgresBinaries(home, account, () => undefined), account);
  const handle = await openFolder(data);
  const args = [...command.args, '-c', 'fsync=off', '-c', 'max_connections=200'];
  const running = await launch({ ...command, args, env: environment, log, third: handle.fd });
  await handle.close();
  const record = await databaseAddress(data);
  return { running, signal: 'SIGINT', isReady: () => servesDatabase(record), record };
}

async function main() {
  const server = await { temporal, postgres }[kind]();
  const stop = async () => {
    await end(server.running.identity, server.signal, 10_000);
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  server.running.ended.then(() => process.exit(1));
  while (!(await server.isReady())) await sleep(25);
  const file = path.join(folder, `${kind}.json`);
  await writeFile(`${file}.tmp`, JSON.stringify({ keeper: process.pid, ...server.record }));
  await rename(`${file}.tmp`, file);
  while (existsSync(file) && isAlive(Number(owner))) await sleep(250);
  await stop();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
