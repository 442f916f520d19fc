import { EngineUnreachable, NoDeployment } from '../../client/errors';
import { follow, type FollowUpdate } from '../../client/follow';
import type { Look } from '../../client/deployment';
import { lookAt } from '../support/statuses';

/** Looks come from a list; an error in it is thrown. */
function scripted(looks: readonly (Look | Error)[]) {
  const rest = [...looks];
  const counts = { renewed: 0 };
  return {
    counts,
    deployment: {
      look: async () => {
        const next = rest.length > 1 ? rest.shift() : rest[0];
        if (next instanceof Error) throw next;
        return next as Look;
      },
    },
    connection: {
      address: '127.0.0.1:7233',
      renew: async () => {
        counts.renewed += 1;
      },
    },
  };
}
const away = new EngineUnreachable('the engine did not answer');
const ended = lookAt({ outcome: 'succeeded' }, { state: 'completed' });

async function collect(updates: AsyncIterable<FollowUpdate>): Promise<string[]> {
  const kinds: string[] = [];
  for await (const update of updates) kinds.push(update.kind === 'look' ? update.look.state : update.kind);
  return kinds;
}

test('it looks until the run has ended', async () => {
  const { deployment, connection } = scripted([lookAt(), lookAt(), ended]);
  expect(await collect(follow(deployment, connection, { everyMs: 1 }))).toEqual(['running', 'running', 'completed']);
});

test('an engine that is away is told, connected to anew, and followed on', async () => {
  const { deployment, connection, counts } = scripted([lookAt(), away, ended]);
  expect(await collect(follow(deployment, connection, { everyMs: 1 }))).toEqual(['running', 'away', 'completed']);
  expect(counts.renewed).toBe(1);
});

test('an engine that stays away longer than the patience ends it with words that lead on', async () => {
  const { deployment, connection } = scripted([away]);
  const following = collect(follow(deployment, connection, { everyMs: 1, patienceMs: 100 }));
  await expect(following).rejects.toThrow(/127\.0\.0\.1:7233 has been away for .*mvca up.*mvca watch/);
});

test('what does not pass by itself ends it at once', async () => {
  const { deployment, connection } = scripted([new NoDeployment('never began')]);
  await expect(collect(follow(deployment, connection))).rejects.toThrow('never began');
});

test('a signal ends it quietly, also while it waits', async () => {
  const { deployment, connection } = scripted([lookAt()]);
  const stop = new AbortController();
  const following = collect(follow(deployment, connection, { everyMs: 60_000, signal: stop.signal }));
  setTimeout(() => stop.abort(), 20);
  expect(await following).toEqual(['running']);
});
