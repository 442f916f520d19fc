import { scalar } from './kinds';
import { trimEnd } from '../trim-end';

export const app = scalar({
  expected: 'a name of at most 40 small letters, digits and dashes that does not start with a dash, such as shop',
  meant: (text) => {
    const dashed = text
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-');
    const meant = trimEnd(dashed.replace(/^-/, ''), '-').slice(0, 40);
    return meant === '' ? null : meant;
  },
  read: (text) => (/^[a-z0-9][a-z0-9-]{0,39}$/.test(text) ? text : null),
  json: { pattern: '^[a-z0-9][a-z0-9-]{0,39}$' },
}).meta({
  description: 'The name of the application: one application, one deployment at a time.',
  examples: ['shop'],
});
