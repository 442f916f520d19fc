/** The live view: redrawn in place four times a second, and left behind as plain lines at the end. */
import type { Deployment, Look } from '../../deployment';
import type { FollowView } from '../following';
import { openCanvas } from '../live-view/draw';
import { phaseLines } from '../live-view/phases';
import { renderLiveView } from '../live-view/render';
import { trafficLines } from '../live-view/traffic';
import type { Print, Terminal } from '../print';
import { newWarnings } from './warnings';

const FRAME_MS = 250;

export function liveView(print: Print, terminal: Terminal, { webUi }: Pick<Deployment, 'webUi'>): FollowView {
  const canvas = openCanvas(terminal);
  let look: Look | null = null;
  let awaySince: number | null = null;
  const draw = (): void => {
    if (look === null) return;
    const nowMs = Date.now();
    const state = { look, nowMs, webUi, awayMs: awaySince === null ? null : nowMs - awaySince };
    canvas.draw((size) => renderLiveView(state, size));
  };
  const timer = setInterval(draw, FRAME_MS);
  return {
    update: (update) => {
      if (update.kind === 'look') look = update.look;
      awaySince = update.kind === 'look' ? null : Date.now() - update.sinceMs;
      draw();
    },
    close: (last) => {
      clearInterval(timer);
      canvas.close();
      if (last !== null) leaveBehind(print, terminal, last);
    },
  };
}

function leaveBehind(print: Print, terminal: Terminal, last: Look): void {
  const nowMs = Date.now();
  newWarnings(print)(last.status.warnings);
  for (const whole of phaseLines(last.status, nowMs)) print.progress(whole);
  for (const whole of trafficLines(last, nowMs, terminal.columns)) print.progress(whole);
}
