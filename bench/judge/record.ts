/** Writes simulated streams in the form that `mvca judge --concat` reads: `node dist/bench/judge/record.js <scenario> <streams>`. */
import { createRandom } from '../support/random';
import { answersOf, CALM, FAULTS } from './streams';

const [name = '', count = '1'] = process.argv.slice(2);
const scenario = [...FAULTS, ...CALM].find((each) => each.name === name);
if (scenario === undefined)
  throw new Error(`no scenario ${name}; there are ${[...FAULTS, ...CALM].map((each) => each.name).join('; ')}`);
for (let run = 0; run < Number(count); run += 1) {
  process.stdout.write(`${JSON.stringify({ stream: `${name} ${run}` })}\n`);
  for (const answer of answersOf(scenario, createRandom(1_000_003 + run)))
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
