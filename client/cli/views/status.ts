/** How one application stands, as a person reads it. */
import type { DeploymentStatus, MessageView } from '../../../domain/deployment';
import { CLAIMS } from '../../../domain/identity/identity';
import { nameOf } from '../../../domain/line';
import { outcomeSentence, wayBackSentence, whySentence } from '../../../domain/reports/sentence';
import { gapsOf } from '../../../domain/reports/gap';
import { clock, duration } from '../../../domain/reports/words';
import type { Standing } from '../../standing';
import { line, paragraph, part, type Line } from '../line';
import { nowLines } from '../live-view/now';
import { phaseLines } from '../live-view/phases';
import { etaLine } from '../live-view/waiting';
import { headline } from '../text';
import { impactLines } from './diagnosis';
import { standingLines } from './freezes';
import { releaseLines } from './releases';

export function statusLines(standing: Standing, nowMs: number): readonly Line[] {
  const { app, status, releases, wayBack, webUi, freezes, line: places } = standing;
  return [
    ...(status === null
      ? [line(part(`${app}: no deployment is known to the engine any more`, 'dim'))]
      : runLines(standing, status, nowMs)),
    ...(releases.length === 0
      ? [line('nothing runs')]
      : [line(part('releases', 'dim')), ...releaseLines(releases, { withEnvironment: true })]),
    line(part('way back  ', 'dim'), wayBackSentence(wayBack)),
    ...standingLines(freezes, nowMs),
    ...places.map((place, index) =>
      line(part('in line   ', 'dim'), `${index + 1}. ${nameOf(place)}`, part(`  ${place.id}`, 'dim')),
    ),
    ...(status?.names === 'claims' ? [line(part(CLAIMS, 'dim'))] : []),
    ...(status === null ? [] : status.messages.map(messageLine)),
    ...(status?.report == null ? [] : [line(part('report    ', 'dim'), status.report)]),
    ...(webUi === null ? [] : [line(part('web UI    ', 'dim'), webUi)]),
  ];
}

function runLines({ state, activities = [] }: Standing, status: DeploymentStatus, nowMs: number): readonly Line[] {
  const { outcome, why, warnings, failures, startedAt, requester, diagnosis } = status;
  const waits = [status.waitingFor, status.pause].filter((wait) => wait !== null);
  const cutOff = state !== 'running' && outcome === null;
  const style = outcome === null ? (waits.length === 0 ? 'strong' : 'warn') : outcome === 'succeeded' ? 'good' : 'bad';
  return [
    ...(cutOff
      ? [
          line(
            part(
              `${status.app} ${status.version}: ${state ?? 'cut off'} in Temporal before it could end by itself`,
              'bad',
            ),
          ),
        ]
      : paragraph(outcomeSentence(status), style)),
    ...waits.map(({ answer }) => line('  answer: ', part(answer, 'strong'))),
    line(part(`asked for by ${requester} ${duration((nowMs - Date.parse(startedAt)) / 1000)} ago`, 'dim')),
    ...phaseLines(status, nowMs),
    ...(state === null ? [] : nowLines({ state, activities }, nowMs)),
    ...(why === null || outcome !== null ? [] : [line(part('why       ', 'dim'), whySentence(why))]),
    ...etaLine(status, nowMs),
    ...gapsOf(status).map(({ environment, sentence }) =>
      line(part('gap       ', 'dim'), `${environment}: ${sentence}`),
    ),
    ...[...new Set(warnings)].map((warning) => line(part(`warning   ${warning}`, 'warn'))),
    ...failures.map((failure) => line(part(`failed    ${headline(failure)}`, 'bad'))),
    ...(diagnosis == null || outcome === 'succeeded' ? [] : impactLines(diagnosis)),
  ];
}

const messageLine = ({ at, kind, from, accepted, reason, key }: MessageView): Line =>
  line(
    part(`${clock(at)}  `, 'dim'),
    `${kind} by ${from === '' ? 'nobody named' : from} `,
    part(accepted ? 'accepted' : 'refused', accepted ? 'good' : 'bad'),
    `: ${reason}`,
    part(key === undefined ? '' : `  signed with ${key}`, 'dim'),
  );
