import { z } from 'zod';
import { buildVariables } from './build';
import { finishedCommands } from './command';
import { orEmpty, orNull, section, word } from './kinds';
import { duration, relativePath, share } from './values';
import { wording } from './wording';

const REPORT = 'coverage/coverage-summary.json';
const MINIMUM = '70%';

const details = section({
  path: relativePath(REPORT).meta({
    description: 'The report: `coverage-summary.json`, lcov or Cobertura.',
    examples: [REPORT],
  }),
  minimum: share.prefault(MINIMUM).meta({ description: 'Least share of lines that tests cover.', examples: ['80%'] }),
});

const coverage = z.union([relativePath(REPORT).transform((path) => ({ path, minimum: 0.7 })), details], {
  error: wording('the path of a coverage report, or a mapping with path, minimum'),
});

export const tests = orEmpty(
  section(
    {
      unit: finishedCommands.prefault([]).meta({
        description: 'Tests, run in the folder in which the application was installed and built.',
        examples: ['npm test'],
      }),
      integration: finishedCommands
        .prefault([])
        .meta({ description: 'Slower tests, after the unit tests.', examples: ['npm run test:integration'] }),
      coverage: orNull(coverage).meta({
        description: `The coverage report that the tests write; ${MINIMUM} of the lines unless \`minimum\` says otherwise.`,
        examples: [REPORT, `{ path: lcov.info, minimum: 80% }`],
      }),
      variables: buildVariables.meta({
        description: 'Variables of the tests. They inherit none of an environment.',
        examples: ['{ TZ: UTC }'],
      }),
      network: word(['all', 'none'], 'reach')
        .prefault('all')
        .meta({ description: 'Whether the tests reach the network, this machine included.', examples: ['none'] }),
      timeout: duration(1_000)
        .prefault('30m')
        .meta({ description: 'The longest the tests may take.', examples: ['10m'] }),
    },
    { database: 'scratch databases for tests are not there yet: give the tests one by `tests.variables`' },
  ),
)
  .transform(({ timeout, network, ...rest }) => ({
    ...rest,
    ...(network === 'all' ? {} : { network }),
    timeoutMs: timeout,
  }))
  .prefault({})
  .meta({ description: 'What must pass before anything is changed.' });
