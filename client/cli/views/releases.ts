/** Releases with the weight that was set beside the share that was measured. */
import type { ReleaseView } from '../../../domain/deployment';
import { share, stateWords } from '../../../domain/reports/words';
import { line, part, type Line } from '../line';
import { padEnd, padStart } from '../text';

export function releaseLines(
  releases: readonly ReleaseView[],
  { withEnvironment }: { readonly withEnvironment: boolean },
): readonly Line[] {
  const width = widthOf(releases.map(name));
  const place = withEnvironment ? widthOf(releases.map(({ environment }) => `${environment} `)) : 0;
  return releases.flatMap((view) => [
    line(
      part(`  ${withEnvironment ? padEnd(view.environment, place) : ''}`),
      part(padEnd(name(view), width), view.weight > 0 ? 'strong' : 'plain'),
      ` ${padStart(share(view.weight), 6)} set`,
      part(`  ${padStart(share(view.measured), 6)} measured`, 'dim'),
      part(`  ${stateWords(view)}`, view.state === 'running' ? 'good' : 'warn'),
    ),
    ...(view.problem === undefined ? [] : [line(part(`    ${view.problem}`, 'bad'))]),
  ]);
}

const widthOf = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

const name = ({ version, release }: ReleaseView): string => `${version} (${release})`;
