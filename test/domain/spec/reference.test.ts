import { readFileSync } from 'node:fs';
import { specJsonSchema } from '../../../domain/spec/json-schema';
import type { JsonSchema } from '../../../domain/spec/json-schema';
import { parseSpec } from '../../../domain/spec/parse';
import { specReference } from '../../../domain/spec/reference';

const schema = specJsonSchema();
const production = schema.properties?.['environments']?.properties?.['production'];

test('what must be written is required, and unknown keys are not allowed', () => {
  expect(schema.required).toEqual(['app', 'environments']);
  expect(production?.required).toEqual(['platform', 'traffic']);
  expect(schema.additionalProperties).toBe(false);
});

test('defaults and examples are values of the form that they have in the file', () => {
  const platform = production?.properties?.['platform']?.properties;
  expect(platform?.['instances']).toMatchObject({ type: 'integer', default: 1, examples: [4] });
  expect(platform?.['singleton']).toMatchObject({ type: 'boolean', default: false, examples: [true] });
  expect(production?.properties?.['watch']?.properties?.['for']).toMatchObject({ type: 'string', default: '10m' });
  expect(production?.properties?.['variables']?.additionalProperties).toMatchObject({
    type: ['string', 'number', 'boolean', 'null'],
  });
});

test('every key has a meaning and an example', () => {
  const bare = (node: JsonSchema, path: string): string[] => [
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
      const told = child.description !== undefined && (child.properties !== undefined || child.examples !== undefined);
      const isTier = path === 'environments';
      return [...(told || isTier ? [] : [`${path}.${name}`]), ...bare(child, path === '' ? name : `${path}.${name}`)];
    }),
    ...[...(node.anyOf ?? []), ...(node.items ? [node.items] : [])].flatMap((child) => bare(child, path)),
  ];
  expect(bare(schema, '')).toEqual([]);
});

test('every example of the reference can be written', () => {
  const wrong = Object.entries(production?.properties ?? {}).flatMap(([section, { examples = [] }]) =>
    examples.flatMap((example) => {
      const base = {
        platform: { kind: 'process', start: 'node a' },
        traffic: { kind: 'router', listen: '127.0.0.1:1' },
      };
      const more = section === 'databases' ? { requires: ['DATABASE_URL'] } : {};
      const text = JSON.stringify({
        app: 'shop',
        environments: { production: { ...base, ...more, [section]: example } },
      });
      const result = parseSpec(text, section);
      return result.ok ? [] : result.problems;
    }),
  );
  expect(wrong).toEqual([]);
});

test('the page tells where production has another default', () => {
  const page = specReference(schema);
  expect(page).toContain('| `watch.for` | duration | `5m`; production `10m` |');
  expect(page).toContain('| `approval.requester` | `may`, `may-not` | `may`; production `may-not` |');
  expect(page).toContain('| `platform.start` | command | **needed** |');
});

test('the committed files are current', () => {
  expect(readFileSync('docs/spec.md', 'utf8')).toBe(specReference(schema));
  expect(JSON.parse(readFileSync('docs/spec.schema.json', 'utf8'))).toEqual(schema);
});
