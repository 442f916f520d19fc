/** What the instances of a release see of the home where they run under an account of their own: their own folders. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { giveTo, namedIn } from '../../system/accounts';
import { writeDurably } from '../../system/durable-file';
import { persistentFolder } from '../../system/home';
import { viewTable, type Confinement } from '../../system/sandbox/confined';
import { same, toolFolders, type Shown } from '../../system/sandbox/view';
import type { Release } from './definition';

const FIRST_OPEN_PORT = 1_024;

/** Makes ready what they need, repeatable; null: they run as the runner does. */
export async function confine(release: Release): Promise<Confinement | null> {
  const { directory, definition, account, home, homeInside } = release;
  if (account === null) return null;
  const [place, own] = [path.join(directory, 'view'), path.join(directory, 'home')];
  const table = path.join(directory, 'mounts');
  await mkdir(place, { recursive: true, mode: 0o700 });
  await mkdir(own, { recursive: true, mode: 0o700 });
  await giveTo(account, own);
  const shown: Shown[] = [
    same('rw', path.join(directory, 'app')),
    { kind: 'rw', source: own, place: homeInside },
    ...(definition.persistent.length === 0
      ? []
      : [same('rw', persistentFolder(home, definition.app, definition.environment))]),
    ...toolFolders(process.env['PATH'] ?? '', [home.root]),
    ...(await namesOf(release)),
  ];
  await writeDurably(table, viewTable({ home: home.root, place, shown }));
  const { port } = definition;
  return { account, table, lowPorts: 'fixed' in port && port.fixed < FIRST_OPEN_PORT };
}

/** Programs ask who they are. */
async function namesOf({ home, account, homeInside }: Release): Promise<Shown[]> {
  const files = (['passwd', 'group'] as const).map(async (kind): Promise<Shown[]> => {
    const place = `/etc/${kind}`;
    const source = account === null || !existsSync(place) ? null : await namedIn(home, account, kind, homeInside);
    return source === null ? [] : [{ kind: 'ro', source, place }];
  });
  return (await Promise.all(files)).flat();
}
