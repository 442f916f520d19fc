/** What is wrong with this machine, and what to do about it. */
import type { Home } from '../../system/home';
import type { EngineState } from '../engine';
import { engineState } from '../state';
import { access } from './access';
import { homeFolder, key, leftovers, parts, postgres, temporal } from './engine';
import { failing } from './finding';
import type { Finding } from './finding';
import { clock, disk, git, memory, node, pip, ports, proc, releases, sandbox, sockets } from './machine';

type Check = (home: Home, state: EngineState | null) => Finding | Finding[] | Promise<Finding | Finding[]>;

const CHECKS: Readonly<Record<string, Check>> = {
  node: () => node(),
  git: () => git(),
  pip: () => pip(),
  sandbox: () => sandbox(),
  releases: () => releases(),
  memory: () => memory(),
  disk,
  clock,
  '/proc': () => proc(),
  home: homeFolder,
  key,
  access,
  sockets,
  ports: (home, state) => ports(home, state !== null),
  temporal,
  postgres,
  engine: parts,
  leftovers,
};

/** Looks at everything; never throws: a check that fails is an error among the findings. Changes nothing but the cache of programs. */
export async function doctor(home: Home): Promise<Finding[]> {
  const state = await engineState(home).catch(() => null);
  const findings = await Promise.all(
    Object.entries(CHECKS).map(async ([what, check]) => {
      try {
        return await check(home, state);
      } catch (error) {
        return failing(what, (error as Error).message, 'mend what the message says, then run `mvca doctor` again');
      }
    }),
  );
  return findings.flat();
}
