import { orEmpty, section } from './kinds';
import { flag } from './values';

export const source = orEmpty(
  section({
    git: flag.prefault('false').meta({
      description:
        'true: the build gets the folder `.git` too. Otherwise `SOURCE_COMMIT` (the last commit that changed what it sees) and `SOURCE_TAG` tell it what it builds.',
      examples: ['true'],
    }),
  }),
)
  .prefault({})
  .meta({ description: 'What is taken of the source.' });
