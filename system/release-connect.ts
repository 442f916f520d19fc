/** Connections to the instances of a release, proven by what its runner wrote down of them. */
import { releaseFolder, type Home } from './home';
import { readInstances } from './instances';
import { createProvenConnect, type FindInstance, type ProvenConnect } from './proven-connection';

export interface ReleasePlace {
  readonly app: string;
  readonly environment: string;
  readonly release: string;
}

/** The instance of a release that has the port. */
export const instanceAt =
  (home: Home, { app, environment, release }: ReleasePlace, port: number): FindInstance =>
  async () => {
    const instances = await readInstances(releaseFolder(home, app, environment, release));
    return instances.find((instance) => instance.port === port) ?? null;
  };

/** How an instance of the release is reached, by its port; what was proven once is remembered for as long as this is kept. */
export type ConnectTo = (release: ReleasePlace) => (port: number) => ProvenConnect;

export const createConnectTo =
  (home: Home): ConnectTo =>
  (release) => {
    const known = new Map<number, ProvenConnect>();
    return (port) => {
      const connect = known.get(port) ?? createProvenConnect(port, instanceAt(home, release, port));
      known.set(port, connect);
      return connect;
    };
  };
