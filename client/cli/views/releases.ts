/** Releases with the weight that was set beside the share that was measured. */
import type { ReleaseView } from '../../../domain/deployment';
import { share } from '../../../domain/reports/words';
import { line, part, type Line } from '../line';
import { padEnd, padStart } from '../text';

export function releaseLines(
  releases: readonly ReleaseView[],
  { withEnvironment }: { readonly withEnvironment: boolean },
): readonly Line[] {
  const width = Math.max(0, ...releases.map((view) => name(view, withEnvironment).length));
  return releases.map((view) =>
    line(
      part(`  ${padEnd(name(view, withEnvironment), width)}`, view.weight > 0 ? 'strong' : 'plain'),
      ` ${padStart(share(view.weight), 6)} set`,
      part(`  ${padStart(share(view.measured), 6)} measured`, 'dim'),
      part(`  ${view.state}`, view.state === 'running' ? 'good' : 'warn'),
    ),
  );
}

const name = ({ environment, version, release }: ReleaseView, withEnvironment: boolean): string =>
  `${withEnvironment ? `${environment} ` : ''}${version} (${release})`;
