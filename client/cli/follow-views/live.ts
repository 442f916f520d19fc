/** The live view: redrawn in place four times a second, and left behind as plain lines at the end. */
import type { Deployment, Look } from '../../deployment';
import type { FollowView } from '../following';
import { openCanvas } from '../live-view/draw';
import { phaseLines } from '../live-view/phases';
import { fitsWebUi, renderLiveView, webUiLine } from '../live-view/render';
import { trafficLines } from '../live-view/traffic';
import type { Print, Terminal } from '../print';
import { newWarnings } from './warnings';

const FRAME_MS = 250;

export function liveView(print: Print, terminal: Terminal, { webUi }: Pick<Deployment, 'webUi'>): FollowView {
  // An address that is cut off cannot be opened: where the picture has no room for it, it stands above.
  if (webUi !== null && !fitsWebUi(webUi, terminal.columns)) print.progress(webUiLine(webUi));
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
      if (update.kind === 'look') look = typeable(update.look, terminal);
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

/** A command that answers is copied from the picture. */
function typeable(look: Look, terminal: Terminal): Look {
  const typed = <T extends { readonly answer: string }>(wait: T | null): T | null =>
    wait && { ...wait, answer: terminal.asTyped(wait.answer) };
  const { waitingFor, pause } = look.status;
  return { ...look, status: { ...look.status, waitingFor: typed(waitingFor), pause: typed(pause) } };
}

function leaveBehind(print: Print, terminal: Terminal, last: Look): void {
  const nowMs = Date.now();
  newWarnings(print)(last.status.warnings);
  for (const whole of phaseLines(last.status, nowMs)) print.progress(whole);
  for (const whole of trafficLines(last, nowMs, terminal.columns)) print.progress(whole);
}
