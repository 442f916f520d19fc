import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { programFile } from '../../system/keeper';

/** Runs an activity that breaks, beside another one, in a process of its own; answers what was told of each. */
async function broken(how: string, attempt = 1): Promise<{ readonly told: string; readonly other: string }> {
  const script = `
    const { asyncLocalStorage } = require('@temporalio/activity');
    const { MockActivityEnvironment } = require('@temporalio/testing');
    const { Readable } = require('node:stream');
    const { EventEmitter } = require('node:events');
    const { catchUncaught, failByUncaught } = require(${JSON.stringify(programFile('worker/uncaught.js'))});
    catchUncaught((error) => { console.log(JSON.stringify({ told: 'the worker ends: ' + error.message, other: '' })); process.exit(0); });
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const run = (work, attempt) => {
      const { context } = new MockActivityEnvironment({ activityType: 'snapshotSource', attempt });
      const { inbound } = failByUncaught(context);
      return asyncLocalStorage.run(context, () => inbound.execute({ args: [], headers: {} }, work));
    };
    const breaks = () => { ${how} };
    const other = run(() => sleep(200).then(() => 'done'), 1);
    const own = run(async () => { breaks(); return new Promise(() => undefined); }, ${attempt});
    own.catch(async (error) => {
      console.log(JSON.stringify({ told: [error.type, error.nonRetryable, error.message].join(' '), other: await other }));
      process.exit(0);
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    cwd: path.join(__dirname, '../..'),
  });
  return JSON.parse(stdout) as { told: string; other: string };
}

const STREAM = `new Readable({ read() {} }).destroy(new Error('it broke'));`;

test.each([
  ['a stream that fails while nobody listens', STREAM],
  [
    'an error that an emitter throws later',
    `setTimeout(() => new EventEmitter().emit('error', new Error('it broke')), 5);`,
  ],
  ['a rejection that nobody handles', `void Promise.reject(new Error('it broke'));`],
  ['a rejection later on', `void sleep(5).then(() => Promise.reject(new Error('it broke')));`],
])('%s fails the activity in whose course it came, and no other', async (_what, how) => {
  expect(await broken(how)).toEqual({ told: 'Uncaught false snapshotSource broke: it broke', other: 'done' });
});

test('The second time it is not tried again', async () => {
  expect((await broken(STREAM, 2)).told).toBe('Uncaught true snapshotSource broke: it broke');
});

test('One that comes when its activity has ended already, as of a stream that is closed late, hurts nobody', async () => {
  const late = `setTimeout(() => { ${STREAM} }, 100); throw Object.assign(new Error('it had ended'), { type: 'Ended' });`;
  expect(await broken(late)).toEqual({ told: 'Ended  it had ended', other: 'done' });
});

test('What belongs to no activity ends the worker', async () => {
  const how = `asyncLocalStorage.exit(() => setTimeout(() => { throw new Error('of nobody'); }, 5));`;
  expect((await broken(how)).told).toBe('the worker ends: of nobody');
});
