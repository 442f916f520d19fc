import { z } from 'zod';
import { mapOf, scalar, word } from './kinds';
import { VARIABLE_FORMS } from './spec';
import type { RequiredVariable } from './spec';
import { variableName, variableText } from './values';
import { wording } from './wording';

const plainText = variableText.refine((text) => !text.startsWith('secret://'), {
  error: wording('a text; what is secret stands under `secrets`, as NAME: secret://…'),
});

export const variables = mapOf(variableName, plainText, 'a mapping of names to texts').meta({
  description: 'Variables of the instances: text exactly as written (`500`, `no` and `1e3` are not interpreted).',
  examples: ['{ LOG_LEVEL: debug }'],
});

const SEGMENT = '[A-Za-z0-9][A-Za-z0-9._-]{0,99}';
const REFERENCE = `^secret://(env/[A-Za-z_][A-Za-z0-9_]*|file/${SEGMENT}/(${SEGMENT}/)?${SEGMENT})$`;
const FORMS = 'secret://env/NAME, secret://file/APP/NAME or secret://file/APP/ENVIRONMENT/NAME';

export const isSecretReference = (text: string): boolean => new RegExp(REFERENCE).test(text);

export const secretReference = scalar({
  expected: `a reference to a secret, ${FORMS}; the value itself is set by \`mvca secrets set\``,
  read: (text) => (isSecretReference(text) ? text : null),
  json: { title: 'secret reference', pattern: REFERENCE },
});

export const secrets = mapOf(variableName, secretReference, 'a mapping of names to references').meta({
  description: `Variables whose values are secret: a reference each, ${FORMS}.`,
  examples: ['{ DATABASE_URL: secret://file/shop/staging/DATABASE_URL }'],
});

const required = scalar({
  expected: 'the name of a variable, such as SESSION_KEY',
  read: (text): RequiredVariable[] | null =>
    variableName.safeParse(text).success ? [{ name: text, form: 'text' }] : null,
});
const requiredForms = z
  .record(variableName, word(VARIABLE_FORMS, 'form'), { error: wording('a mapping of names to forms') })
  .transform((forms): RequiredVariable[] => Object.entries(forms).map(([name, form]) => ({ name, form })));

const requiredList = z
  .array(z.union([required, requiredForms], { error: wording('the name of a variable, or NAME: form') }))
  .transform((items) => items.flat());

export const requires = z
  .preprocess(
    (value) => (value === null ? [] : value),
    z.union([requiredList, requiredForms], {
      error: wording('a list of names, such as [SESSION_KEY, API_PORT: port]'),
    }),
  )
  .prefault([])
  .meta({
    title: 'list of names, or of names with forms',
    description: `Variables that must have a value, by one way or another, and of this form (${VARIABLE_FORMS.join(', ')}).`,
    examples: ['[SESSION_KEY, API_PORT: port]'],
  });
