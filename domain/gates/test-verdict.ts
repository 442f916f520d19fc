/** What the run of one test command means. */
import { commandWords, endWords, importantLines, type CommandEnd } from '../build/command-words';
import type { Finding } from './gate';
import type { TestCount } from './test-output';

export interface TestRun {
  /** Such as `unit`. */
  readonly id: string;
  readonly argv: readonly string[];
  readonly result: CommandEnd;
  /** null: the output is of no known runner. */
  readonly count: TestCount | null;
  /** File with the whole output. */
  readonly log: string;
}

/** A run that executed no test proves nothing, whatever its exit code. */
export function testFinding({ id, argv, result, count, log }: TestRun): Finding {
  const words = `\`${commandWords(argv)}\``;
  const by = count === null ? '' : ` (${count.runners.join(', ')})`;
  const brokenFiles = result.code === 0 ? 0 : (count?.failedFiles ?? 0);
  if (count !== null && count.executed === 0 && brokenFiles === 0 && result.end === 'exited') {
    const message = `${words} executed no test${by} and exited with code ${result.code ?? 0}`;
    return { id, verdict: 'inconclusive', message, remedy: 'correct what the command looks for, or write a test' };
  }
  if (result.end === 'exited' && result.code === 0) {
    const message =
      count === null
        ? `${words} exited with code 0; its output is of no known test runner, so this is known by its exit code alone`
        : `${words} passed ${tests(count.executed)}${by}`;
    return { id, verdict: 'passed', message, remedy: null };
  }
  const failed = failedWords(count, by);
  const lines = importantLines(result.tail).map((line) => `\n  ${line}`);
  const remedy =
    result.end === 'not-started' ? 'install the program, or correct `tests`' : `read the whole output: ${log}`;
  return { id, verdict: 'refused', message: `${words} ${endWords(result)}${failed}${lines.join('')}`, remedy };
}

function failedWords(count: TestCount | null, by: string): string {
  if (count === null) return '';
  const { failedFiles: files = 0, failed, executed } = count;
  if (files > 0) return `: ${files} test ${files === 1 ? 'file' : 'files'} failed before a test was executed${by}`;
  return failed === 0 ? '' : `: ${failed} of ${tests(executed)} failed${by}`;
}

/** One line for people. */
export function testSummary(runs: readonly TestRun[], findings: readonly Finding[]): string {
  const worst =
    findings.find((finding) => finding.verdict === 'refused') ??
    findings.find((finding) => finding.verdict === 'inconclusive');
  if (worst !== undefined) return worst.message.split('\n')[0] ?? worst.message;
  const known = runs.filter((run) => run.count !== null);
  const executed = known.reduce((sum, run) => sum + (run.count?.executed ?? 0), 0);
  const others = runs.length - known.length;
  const parts = [
    ...(known.length > 0 ? [`${tests(executed)} passed`] : []),
    ...(others > 0 ? [`${others} ${others === 1 ? 'command' : 'commands'} ended with code 0`] : []),
    ...findings.filter((finding) => finding.id === 'coverage').map((finding) => finding.message.split(',')[0] ?? ''),
  ];
  return parts.length === 0 ? 'no tests are declared' : parts.join(', ');
}

const tests = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'test' : 'tests'}`;
