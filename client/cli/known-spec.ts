/** The spec of an application for commands that must not need the right folder. */
import type { EnvironmentSpec, NotifierSpec, Spec } from '../../domain/spec/spec';
import type { Tier } from '../../domain/words';
import { lastRequest } from '../last-request';
import { loadSpec } from '../spec-file';
import type { Cli, Engine } from './cli';
import { Halt } from './halt';

type Known = { readonly environments: readonly EnvironmentSpec[]; readonly notify: readonly NotifierSpec[] };

/** That of `file`, of this folder, or of the last deployment, which knows the spec that it was made with. @throws Halt */
export async function knownSpec(
  cli: Cli,
  { connection }: Engine,
  { app, file }: { readonly app: string; readonly file: string | undefined },
): Promise<Known> {
  if (file !== undefined) return ofApp((await cli.spec(file)).spec, app);
  const here = await loadSpec();
  if (here.kind === 'read' && here.spec.app === app) return here.spec;
  const last = await lastRequest(connection, app);
  if (last !== null) return last.spec;
  throw new Halt(`the spec of ${app} is not known here: go to the application's folder, or name it with --spec`);
}

function ofApp(spec: Spec, app: string): Spec {
  if (spec.app === app) return spec;
  throw new Halt(`that is the spec of ${spec.app}, not of ${app}`);
}

/** The environment that is named; the last of the spec where none is. @throws Halt */
export function environmentOf({ environments }: Known, wanted: Tier | undefined): EnvironmentSpec {
  const found = wanted === undefined ? environments.at(-1) : environments.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  throw new Halt(
    `the spec has no environment ${wanted ?? ''}; it has: ${environments.map(({ name }) => name).join(', ')}`,
  );
}
