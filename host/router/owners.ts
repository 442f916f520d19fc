/** Whose ports the router's instances listen on, as their runners wrote it down. */
import type { RouterTable } from '../../domain/host/router';
import { homeAt } from '../../system/home';
import { homeRootOf } from '../../system/keeper';
import type { FindInstance } from '../../system/proven-connection';
import { instanceAt } from '../../system/release-connect';

/** The instance of a release that has the port. */
export type FindOwner = (release: string, port: number) => FindInstance;

/** null for a router whose folder lies in no home: nothing wrote down there who its instances are. */
export function createOwners(
  directory: string,
  { app, environment }: Pick<RouterTable, 'app' | 'environment'>,
): FindOwner | null {
  const root = homeRootOf(directory);
  if (root === null) return null;
  const home = homeAt(root);
  return (release, port) => instanceAt(home, { app, environment, release }, port);
}
