import type { Problem } from './spec';

/** The line that a person reads: `deployment.yaml:12:9 environments.production.watch.for: 5 minuets: expected a duration with a unit, such as 30s, 5m, 24h`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, value, expected, nearest } = problem;
  const what = [path, value ?? (path === '' ? '' : 'missing')].filter((part) => part !== '').join(': ');
  const question = nearest === null || nearest === value ? '' : `; did you mean \`${nearest}\`?`;
  return `${file}:${line}:${column} ${what === '' ? '' : `${what}: `}expected ${expected}${question}`;
}
