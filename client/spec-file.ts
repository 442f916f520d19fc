/** `deployment.yaml` beside an application. */
import path from 'node:path';
import { LONGEST_SPEC, readDocument } from '../domain/spec/document';
import { parseSpec } from '../domain/spec/parse';
import type { Problem, Spec } from '../domain/spec/spec';
import { readPlainFile } from '../system/plain-file';

export const SPEC_FILE = 'deployment.yaml';

export type LoadedSpec =
  | {
      readonly kind: 'read';
      readonly spec: Spec;
      /** Absolute path of the folder that holds the spec and the application. */
      readonly directory: string;
      /** Name of the file in it. */
      readonly file: string;
      readonly warnings: readonly Problem[];
    }
  | { readonly kind: 'wrong'; readonly problems: readonly Problem[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads a spec with every default filled in, or says everything that is wrong with it. Never throws for what stands in the file. */
export async function loadSpec(file: string = SPEC_FILE): Promise<LoadedSpec> {
  const absolute = path.resolve(file);
  const read = await readText(absolute);
  if (read.kind === 'refused') return { kind: 'unreadable', reason: read.reason };
  const { text } = read;
  const parsed = parseSpec(text, path.relative(process.cwd(), absolute) || file);
  if (!parsed.ok) return { kind: 'wrong', problems: parsed.problems };
  return {
    kind: 'read',
    spec: parsed.spec,
    directory: path.dirname(absolute),
    file: path.basename(absolute),
    warnings: parsed.warnings,
  };
}

/** The application's name, also where the rest of the spec is wrong; null when there is no spec or no name in it. */
export async function appNameIn(file: string = SPEC_FILE): Promise<string | null> {
  const read = await readText(path.resolve(file));
  if (read.kind === 'refused') return null; // no spec here: the caller asks for the name
  const { value } = readDocument(read.text);
  // What is no YAML may have a line with the name nevertheless.
  const name =
    typeof value === 'object' && value !== null && 'app' in value
      ? value.app
      : /^app: +([\w-]+)\s*$/m.exec(read.text)?.[1];
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Whoever wrote the repository chose what lies there: a link could lead to a file that only its reader may read. */
async function readText(file: string): ReturnType<typeof readPlainFile> {
  try {
    const read = await readPlainFile(file, LONGEST_SPEC);
    return read.kind === 'read' ? read : { kind: 'refused', reason: `${file} ${read.reason}` };
  } catch (error) {
    return { kind: 'refused', reason: readError(error as NodeJS.ErrnoException, file) };
  }
}

function readError(error: NodeJS.ErrnoException, file: string): string {
  switch (error.code) {
    case 'ENOENT':
      return `there is no ${path.basename(file)} in ${path.dirname(file)}; write one with \`mvca init\`, or name it with --spec`;
    default:
      return `${file} cannot be read: ${error.message}`;
  }
}
