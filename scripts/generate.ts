/** Writes what is made from the schemas. `--check`: writes nothing, and exits 1 when a file is not as it would be written. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { specJsonSchema } from '../domain/spec/json-schema';
import { specReference } from '../domain/spec/reference';

const ROOT = rootAbove(__dirname);

function generate(check: boolean): void {
  const schema = specJsonSchema();
  const files = {
    'docs/spec.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'docs/spec.md': specReference(schema),
  };
  for (const [file, content] of Object.entries(files)) {
    const place = path.join(ROOT, file);
    const current = existsSync(place) && readFileSync(place, 'utf8') === content;
    if (current) continue;
    if (check) {
      process.stderr.write(`${file} is not what domain/spec says: run \`npm run generate\`\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, content);
      process.stdout.write(`wrote ${file}\n`);
    }
  }
}

function rootAbove(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : rootAbove(path.dirname(folder));
}

generate(process.argv.includes('--check'));
