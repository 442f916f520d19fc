import { z } from 'zod';
import type { Tier } from '../words';
import { orEmpty, scalar, section, word } from './kinds';
import type { ApprovalSpec } from './spec';
import { duration, personName, whole } from './values';
import { wording } from './wording';

const NONE = ['none', 'false'];

const none = scalar<{ none: true }>({
  expected: 'none, or a mapping with from, needs, deadline, requester, onRejected',
  known: NONE,
  read: (text) => (NONE.includes(text) ? { none: true } : null),
  json: { enum: ['none', false], type: ['string', 'boolean'] },
});

const from = z
  .union([personName.transform((name) => [name]), z.array(personName)], {
    error: wording('a list of names, such as [ana, bo]'),
  })
  .transform((names) => [...new Set(names)])
  .meta({ title: 'list of names' });

const details = (tier: Tier) =>
  section({
    from: from.prefault([]).meta({
      description: 'Who may approve; nobody named: anybody but the requester (anybody at all with `requester: may`).',
      examples: ['[ana, bo]'],
    }),
    needs: whole(1, 100)
      .prefault('1')
      .meta({ description: 'How many must.', examples: ['2'] }),
    deadline: duration(1)
      .prefault('24h')
      .meta({
        description: 'How long they are waited for; then the deployment is rejected.',
        examples: ['4h'],
      }),
    requester: word(['may', 'may-not'], 'word')
      .prefault(tier === 'production' ? 'may-not' : 'may')
      .meta({ description: 'Whether who asked for the deployment may approve it.', examples: ['may'] }),
    onRejected: word(['keep', 'undo'], 'word')
      .prefault('keep')
      .meta({
        description: 'What becomes of the environments before when the answer is no.',
        examples: ['undo'],
      }),
  })
    .superRefine((section, context) => {
      if (section.from.length === 0 || section.needs <= section.from.length) return;
      const message = wording(`at most ${section.from.length}, because \`from\` names no more`);
      context.addIssue({ code: 'custom', path: ['needs'], message });
    })
    .transform(({ deadline, ...rest }): ApprovalSpec => ({ ...rest, deadlineMs: deadline }));

export const approval = (tier: Tier) =>
  orEmpty(
    z.union([none, details(tier)], {
      error: wording('none, or a mapping with from, needs, deadline, requester, onRejected'),
    }),
  )
    .transform((given) => ('none' in given ? null : given))
    .prefault(tier === 'production' ? {} : 'none')
    .meta({
      description: "A person's yes to the plan before anything is changed here. `none`: nobody is asked.",
      examples: ['{ from: [ana, bo], needs: 1, deadline: 24h }', 'none'],
    });
