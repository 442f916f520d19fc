import { z } from 'zod';
import { command } from './command';
import { listOf, orNull, scalar, section, word } from './kinds';
import { flag, port, relativePath, size, variableName, whole } from './values';
import type { ProcessPlatformSpec } from './spec';
import { wording } from './wording';

const portBy = z
  .union(
    [
      port.transform((fixed) => ({ fixed })),
      section({
        variable: variableName.meta({ description: 'The variable that tells the port.', examples: ['API_PORT'] }),
      }),
    ],
    { error: wording('a port number, or { variable: NAME }') },
  )
  .prefault({ variable: 'PORT' })
  .meta({
    description:
      'How an instance learns its port: `{ variable: NAME }`, or the number that is fixed in its code (then only one instance).',
    examples: ['{ variable: API_PORT }', '3000'],
  });

const nodeRange = scalar({
  expected: 'a range of Node.js versions, such as ">=22" or ^20.19',
  read: (text) => (/^[\sv\d.x*<>=^~|-]+$/.test(text) && /\d/.test(text) ? text.trim() : null),
});

export const platform = section(
  {
    kind: word(['process'], 'platform').meta({ description: 'Where releases run.', examples: ['process'] }),
    start: command.meta({
      description:
        'Starts one instance. `$PORT`, `$INSTANCE`, `$RELEASE`, `$VERSION` and variables of the environment are put in; secrets never are.',
      examples: ['node dist/server.js'],
    }),
    instances: whole(1, 64)
      .prefault('1')
      .meta({ description: 'Copies that run at once.', examples: ['4'] }),
    port: portBy,
    directory: relativePath('packages/api')
      .prefault('.')
      .meta({ description: 'Where `start` runs, inside the artifact.', examples: ['packages/api'] }),
    singleton: flag.prefault('false').meta({
      description: 'true: must never run twice, so the old release is stopped before the new one starts, with a gap.',
      examples: ['true'],
    }),
    persistent: listOf(relativePath('uploads'), 'a list of folders').meta({
      description: 'Folders, relative to `directory`, that outlive a release.',
      examples: ['[uploads]'],
    }),
    node: orNull(nodeRange).meta({ description: 'Versions of Node.js that will do.', examples: ['">=22"'] }),
    memory: orNull(size).meta({ description: 'Memory that one instance may use.', examples: ['512MB'] }),
  },
  {
    root: 'static sites served by the router are not there yet: start a server of your own',
    fallback: 'static sites served by the router are not there yet: start a server of your own',
  },
)
  .superRefine((section, context) => refuseContradictions(section, context))
  .transform(({ memory, ...rest }) => ({ ...rest, memoryBytes: memory }))
  .meta({ description: 'Where and how releases run.' });

type Section = Omit<ProcessPlatformSpec, 'memoryBytes'>;

function refuseContradictions(section: Section, context: z.RefinementCtx): void {
  const refuse = (path: PropertyKey[], expected: string): void =>
    context.addIssue({ code: 'custom', path, message: wording(expected) });
  if (section.instances > 1 && section.singleton) refuse(['instances'], '1 instance, because `singleton` is true');
  if (section.instances > 1 && 'fixed' in section.port)
    refuse(['instances'], '1 instance, because `port` is fixed: only one can listen on it');
  section.persistent.forEach((folder, index) => {
    if (folder === '.') refuse(['persistent', index], 'a folder below `directory`, such as uploads');
    const around = section.persistent.find((other, at) => at !== index && `${folder}/`.startsWith(`${other}/`));
    if (around !== undefined) refuse(['persistent', index], `a folder that is not inside another one (${around})`);
  });
}
