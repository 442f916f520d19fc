/** The reference page of the spec, made from its JSON Schema. */
import { stringify } from 'yaml';
import { TIERS } from '../words';
import type { JsonSchema } from './json-schema';

interface Row {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Markdown: one table a section, a row a key with form, default, meaning and example. */
export function specReference(schema: JsonSchema): string {
  const { environments, ...sections } = schema.properties ?? {};
  const tiers = TIERS.map((tier) => environments?.properties?.[tier] ?? {});
  const keys = Object.keys(tiers.at(-1)?.properties ?? {});
  return [
    INTRODUCTION,
    ...Object.keys(sections).map((name) => `## \`${name}\`\n\n${part(name, [schema])}`),
    `## \`environments\`\n\n${environments?.description ?? ''}\nEach has these sections; a section that is left away has its defaults.\n`,
    ...keys.map((name) => `### \`environments.*.${name}\`\n\n${part(name, tiers)}`),
  ].join('\n');
}

const INTRODUCTION = `<!-- Generated from domain/spec by \`npm run generate\`. Change it there. -->

# The spec: \`deployment.yaml\`

It stands beside the application. Only \`app\` and \`environments\` with \`platform\` and \`traffic\` must be written; everything else has
the default that is named here. \`mvca init\` writes a first one; with this line at its top, editors complete and check it:

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/mvca/docs/spec.schema.json
\`\`\`

- **Commands** are split into arguments as a POSIX shell would, and run without a shell: operators such as \`&&\` and \`|\` are refused
  with advice. Wherever commands may stand, one command or a list of commands may stand.
- **Durations, sizes and shares** carry units: \`250ms\`, \`30s\`, \`5m\`, \`1h30m\`, \`7d\`; \`500KB\`, \`512MiB\`; \`1%\`.
- **Values of variables** are text exactly as written: \`500\`, \`no\` and \`1e3\` are not interpreted.
- **Values of secrets** never stand here; references do.
- **Paths** are relative to the application's folder and stay below it.
`;

/** `owners`: what has the section, one in every tier, production last; one owner where there are no tiers. */
function part(name: string, owners: readonly JsonSchema[]): string {
  const [first = {}, last = {}] = [owners[0], owners.at(-1)].map((owner) => owner?.properties?.[name] ?? {});
  const elsewhere = rows(first, name);
  const top = line({ key: name, schema: last, required: owners.at(-1)?.required?.includes(name) ?? false }, first);
  const below = rows(last, name).map((row, index) => line(row, elsewhere[index]?.schema ?? {}));
  if (last.properties === undefined) return `${HEADER}\n${[top, ...below].join('\n')}\n`;
  return `${last.description ?? ''}\n\n${HEADER}\n${below.join('\n')}\n`;
}

const HEADER = '| key | form | default | meaning | example |\n| --- | --- | --- | --- | --- |';

/** The keys below a value, whichever way it may be written. */
function rows(schema: JsonSchema, path: string): Row[] {
  const alternatives = schema.anyOf ?? [schema];
  const below = alternatives.flatMap(({ properties = {}, required = [] }) =>
    Object.entries(properties).flatMap(([name, child]) => [
      { key: `${path}.${name}`, schema: child, required: required.includes(name) },
      ...rows(child, `${path}.${name}`),
    ]),
  );
  const inside = alternatives.flatMap(({ items, additionalProperties }) => [
    ...(items === undefined ? [] : rows(items, `${path}[]`)),
    ...(typeof additionalProperties === 'object' ? rows(additionalProperties, `${path}.NAME`) : []),
  ]);
  const all = [...below, ...inside];
  return all.filter((row, index) => all.findIndex(({ key }) => key === row.key) === index);
}

function line({ key, schema, required }: Row, elsewhere: JsonSchema): string {
  const examples = (schema.examples ?? []).map((example) => code(yaml(example))).join('<br>');
  const normal = required ? '**needed**' : preset(schema);
  const other = required ? normal : preset(elsewhere);
  const shown = normal === other ? normal : `${other}; production ${normal}`;
  return `| ${[`\`${key}\``, form(schema), shown, schema.description ?? '', examples].map(cell).join(' | ')} |`;
}

function preset(schema: JsonSchema): string {
  const value = schema.default;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return empty ? (isMapOfNames(schema) ? 'none' : 'its defaults') : code(yaml(value));
}

const isMapOfNames = (schema: JsonSchema): boolean => typeof schema.additionalProperties === 'object';

function form(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(form))].join(' or ');
  if (schema.enum !== undefined) return schema.enum.map((word) => code(String(word))).join(', ');
  if (schema.type === 'array') return `list of ${form(schema.items ?? {}).replace(/^[\w ]*\w$/, '$&s')}`;
  if (schema.type === 'object')
    return isMapOfNames(schema) ? `mapping of names to ${form(schema.additionalProperties as JsonSchema)}` : 'mapping';
  if (schema.type === 'integer') return `whole number, ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return '`true`, `false`';
  return 'text';
}

const yaml = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', flowCollectionPadding: true, lineWidth: 0 }).trim();
const code = (text: string): string => `\`${text}\``;
const cell = (text: string): string => text.replaceAll('|', '\\|');
