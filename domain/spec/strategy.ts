import { z } from 'zod';
import { orEmpty, section, word } from './kinds';
import { wording } from './wording';

const kind = word(['blue-green'], 'strategy');

export const strategy = orEmpty(
  z.union(
    [
      kind.transform((name) => ({ kind: name })),
      section({ kind: kind.meta({ description: 'Its name.', examples: ['blue-green'] }) }),
    ],
    {
      error: wording('blue-green, or a mapping with kind'),
    },
  ),
)
  .prefault('blue-green')
  .meta({ description: 'How traffic goes from the old release to the new one.', examples: ['blue-green'] });
