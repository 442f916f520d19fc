import { z } from 'zod';
import { finishedCommands } from './command';
import { listOf, mapOf, orEmpty, orNull, section, word } from './kinds';
import { duration, flag, relativePath, variableName, variableText } from './values';
import { wording } from './wording';

const kind = word(['tar', 'zip'], 'kind of artifact');

const details = section({
  kind: kind.prefault('tar').meta({ description: 'How the artifact is packed.', examples: ['zip'] }),
  include: listOf(relativePath('dist'), 'a list of paths').meta({
    description: 'Paths to pack. None: everything but what the ignore rules name.',
    examples: ['[dist, node_modules]'],
  }),
  prune: flag.prefault('true').meta({
    description: 'Leave out the packages that only development dependencies lead to.',
    examples: ['false'],
  }),
});

const artifact = z
  .union([kind.transform((packed) => ({ kind: packed, include: [] as string[], prune: true })), details], {
    error: wording('tar, zip, or a mapping with kind, include, prune'),
  })
  .prefault('tar')
  .meta({ description: 'What is packed and kept by its digest.', examples: ['{ kind: tar, include: [dist] }'] });

/** The reference itself would be sent as the password. */
const plainText = variableText.refine((text) => !text.startsWith('secret://'), {
  error: wording(
    'a text: installs, builds and tests get no secrets, so that none gets into an artifact or a log. ' +
      'A private registry is reached by the ~/.npmrc of the account that the engine runs as',
  ),
});

export const buildVariables = mapOf(variableName, plainText, 'a mapping of names to texts');

export const build = orEmpty(
  section({
    install: orNull(finishedCommands).meta({
      description:
        'Installs the dependencies. Left away: what the lock file asks for (`npm ci`, `pnpm install --frozen-lockfile`, `yarn --immutable`). `[]`: nothing.',
      examples: ['npm ci'],
    }),
    command: finishedCommands
      .prefault([])
      .meta({ description: 'Builds the application.', examples: ['npm run build'] }),
    variables: buildVariables.meta({
      description: 'Variables of the install and build commands. They inherit none of an environment.',
      examples: ['{ PUBLIC_URL: https://shop.example.com }'],
    }),
    artifact,
    static: listOf(relativePath('dist/assets'), 'a list of folders').meta({
      description: 'Folders whose files get copies compressed by gzip and brotli beside them.',
      examples: ['[dist/assets]'],
    }),
    network: word(['all', 'install', 'none'], 'reach')
      .prefault('all')
      .meta({
        description:
          'Which commands reach the network: all, only those of the install, or none. Needs a machine that can run builds in a sandbox (`mvca doctor`).',
        examples: ['install'],
      }),
    timeout: duration(1_000)
      .prefault('30m')
      .meta({ description: 'The longest a build may take.', examples: ['10m'] }),
  }),
)
  .transform(({ timeout, network, ...rest }) => ({
    ...rest,
    ...(network === 'all' ? {} : { network }),
    timeoutMs: timeout,
  }))
  .prefault({})
  .meta({ description: 'How the artifact is made. It is built once, and the same bytes go to every environment.' });
