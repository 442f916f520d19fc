/** The live view of a deployment as lines: state and size in, picture out. Pure: the same state gives the same picture. */
import { outcomeSentence } from '../../../domain/reports/sentence';
import { duration } from '../../../domain/reports/words';
import type { DeploymentStatus } from '../../../domain/deployment';
import type { Look } from '../../deployment';
import { fit, line, lineText, part, type Line } from '../line';
import { columns, headline, wrapped } from '../text';
import { nowLines } from './now';
import { phaseLines } from './phases';
import { trafficLines } from './traffic';
import { etaLine, standLines, waitingLines } from './waiting';

const SHOWN_WARNINGS = 3;

export interface LiveState {
  readonly look: Look;
  /** Epoch milliseconds. */
  readonly nowMs: number;
  readonly webUi: string | null;
  /** The engine does not answer, for so long already. */
  readonly awayMs: number | null;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What is left out last in a low window has the smallest number. */
interface Section {
  readonly rank: number;
  readonly lines: readonly Line[];
}

/** At most `height` lines of at most `width` columns. */
export function renderLiveView(state: LiveState, size: Size): readonly Line[] {
  const { status } = state.look;
  const sections: readonly Section[] = [
    { rank: 0, lines: [...weakerLines(status, size.width), header(status, state.nowMs)] },
    { rank: 1, lines: awayLines(state) },
    { rank: 4, lines: phaseLines(status, state.nowMs) },
    { rank: 6, lines: nowLines(state.look, state.nowMs) },
    { rank: 5, lines: warningLines(status) },
    { rank: 3, lines: trafficLines(state.look, state.nowMs, size.width) },
    { rank: 2, lines: waitingLines(status, state.nowMs, size.width) },
    { rank: 6, lines: standLines(status, size.width) },
    { rank: 7, lines: etaLine(status, state.nowMs) },
    { rank: 8, lines: webUiLines(state.webUi, size.width) },
  ];
  return compose(sections, size.height).map((whole) => fit(whole, size.width));
}

export const webUiLine = (webUi: string): Line => line(part('web UI  ', 'dim'), webUi);

export const fitsWebUi = (webUi: string, width: number): boolean => columns(lineText(webUiLine(webUi))) <= width;

const webUiLines = (webUi: string | null, width: number): readonly Line[] =>
  webUi === null || !fitsWebUi(webUi, width) ? [] : [webUiLine(webUi)];

/** Leaves out sections, the least needed first, until it fits; between sections stands an empty line where there is room for all. */
function compose(sections: readonly Section[], height: number): readonly Line[] {
  let kept = sections.filter(({ lines }) => lines.length > 0);
  const spaced = kept.flatMap(({ lines }, index) => (index < 2 ? lines : [line(), ...lines]));
  if (spaced.length <= height) return spaced;
  const count = () => kept.reduce((sum, { lines }) => sum + lines.length, 0);
  while (kept.length > 1 && count() > height) {
    const least = Math.max(...kept.map(({ rank }) => rank));
    kept = kept.filter(({ rank }) => rank !== least);
  }
  return kept.flatMap(({ lines }) => lines).slice(0, Math.max(1, height));
}

function header(status: DeploymentStatus, nowMs: number): Line {
  const what = status.kind === 'rollback' ? 'rollback of ' : '';
  const title = `${what}${status.app} ${status.version}`.trimEnd();
  if (status.outcome !== null) {
    return line(part(headline(outcomeSentence(status)), status.outcome === 'succeeded' ? 'good' : 'bad'));
  }
  const age = duration((nowMs - Date.parse(status.startedAt)) / 1000);
  return line(part(title, 'strong'), part(`  asked for by ${status.requester}, ${age} ago`, 'dim'));
}

/** The newest ones; all of them stay behind when the view ends. */
const warningLines = ({ warnings }: DeploymentStatus): readonly Line[] =>
  warnings.slice(-SHOWN_WARNINGS).map((warning) => line(part(`warning: ${warning}`, 'warn')));

/** Above everything; where something is waited for, or all is over, the sentence begins with it. */
const weakerLines = ({ weaker = [], waitingFor, outcome }: DeploymentStatus, width: number): readonly Line[] =>
  waitingFor !== null || outcome !== null
    ? []
    : weaker.flatMap((words) => wrapped(`ATTENTION: ${words}`, width).map((text) => line(part(text, 'bad'))));

const awayLines = ({ awayMs }: LiveState): readonly Line[] =>
  awayMs === null
    ? []
    : [
        line(
          part(
            `the engine does not answer, for ${duration(awayMs / 1000)}; trying on. What is below was seen last`,
            'warn',
          ),
        ),
      ];
