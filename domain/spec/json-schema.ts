/** The JSON Schema of `deployment.yaml` as it is written: editors complete and check by it. */
import { parse } from 'yaml';
import { z } from 'zod';
import { specSchema } from './schema';

export type JsonSchema = Readonly<{
  type?: string | readonly string[];
  title?: string;
  description?: string;
  default?: unknown;
  examples?: readonly unknown[];
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: readonly JsonSchema[];
}>;

export function specJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(specSchema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => annotate(zodSchema, jsonSchema),
  });
  return { ...schema, title: 'deployment.yaml' } as JsonSchema;
}

/** Defaults and examples are kept as they are written in YAML; JSON Schema wants values. */
function annotate(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): void {
  const examples = z.globalRegistry.get(schema)?.['examples'];
  if (Array.isArray(examples)) json.examples = examples.map((example) => parse(String(example)) as never);
  if (typeof json.default === 'string' && (json.type === 'integer' || json.type === 'boolean'))
    json.default = JSON.parse(json.default);
}
