/** `deployment.yaml` beside an application. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseDocument } from 'yaml';
import { parseSpec } from '../domain/spec/parse';
import type { Problem, Spec } from '../domain/spec/spec';

export const SPEC_FILE = 'deployment.yaml';

export type LoadedSpec =
  | {
      readonly kind: 'read';
      readonly spec: Spec;
      /** Absolute path of the folder that holds the spec and the application. */
      readonly directory: string;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads a spec with every default filled in, or says everything that is wrong with it. Never throws for what stands in the file. */
export async function loadSpec(file: string = SPEC_FILE): Promise<LoadedSpec> {
  const absolute = path.resolve(file);
  let text: string;
  try {
    text = await readFile(absolute, 'utf8');
  } catch (error) {
    return { kind: 'unreadable', reason: readError(error as NodeJS.ErrnoException, absolute) };
  }
  const parsed = parseSpec(text, path.relative(process.cwd(), absolute) || file);
  if (!parsed.ok) return { kind: 'wrong', problems: parsed.problems };
  return { kind: 'read', spec: parsed.spec, directory: path.dirname(absolute), warnings: parsed.warnings };
}

/** The application's name, also where the rest of the spec is wrong; null when there is no spec or no name in it. */
export async function appNameIn(file: string = SPEC_FILE): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null); // no spec here: the caller asks for the name
  if (text === null) return null;
  try {
    const name: unknown = parseDocument(text, { schema: 'failsafe' }).get('app');
    return typeof name === 'string' && name !== '' ? name : null;
  } catch {
    return null; // no mapping at the top: no name
  }
}

function readError(error: NodeJS.ErrnoException, file: string): string {
  switch (error.code) {
    case 'ENOENT':
      return `there is no ${path.basename(file)} in ${path.dirname(file)}; write one with \`mvca init\`, or name it with --spec`;
    case 'EISDIR':
      return `${file} is a folder; name the file in it`;
    default:
      return `${file} cannot be read: ${error.message}`;
  }
}
