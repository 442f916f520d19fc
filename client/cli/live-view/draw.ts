/** Draws a picture in place on a terminal, again and again, and leaves the terminal as it was. */
import { paint, type Line } from '../line';
import type { Terminal } from '../print';

const ESC = '\u001b[';
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
/** Between these a terminal shows nothing half-drawn (mode 2026); one that does not know them ignores them. */
const [BEGIN, COMMIT] = [`${ESC}?2026h`, `${ESC}?2026l`];
const CLEAR_LINE_END = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;
const CLEAR_SCREEN = `${ESC}2J${ESC}H`;

export type Picture = (size: { readonly width: number; readonly height: number }) => readonly Line[];

export interface Canvas {
  draw(picture: Picture): void;
  /** Takes the picture away and shows the cursor. May be called again. */
  close(): void;
}

export function openCanvas(terminal: Terminal): Canvas {
  let drawn = 0;
  let resized = false;
  let isOpen = true;
  const restore = (): void => terminal.write(SHOW_CURSOR);
  // A terminal without a cursor is worse than a lost picture: also when the process ends in another way.
  process.on('exit', restore);
  const forget = terminal.onResize(() => (resized = true));
  terminal.write(HIDE_CURSOR);
  return {
    draw: (picture) => {
      if (!isOpen) return;
      // One column and one line are left free, so that nothing wraps or scrolls.
      const size = { width: Math.max(1, terminal.columns - 1), height: Math.max(1, terminal.rows - 1) };
      const lines = picture(size).map((whole) => paint(whole, terminal.colours));
      // After a change of size nobody knows where the old lines are: some terminals wrap them anew, some do not.
      const start = resized ? CLEAR_SCREEN : backUp(drawn);
      resized = false;
      drawn = lines.length;
      terminal.write(
        BEGIN + start + lines.map((text) => `${text}${CLEAR_LINE_END}\r\n`).join('') + CLEAR_BELOW + COMMIT,
      );
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      forget();
      process.off('exit', restore);
      terminal.write((resized ? CLEAR_SCREEN : backUp(drawn)) + CLEAR_BELOW + SHOW_CURSOR);
    },
  };
}

const backUp = (lines: number): string => (lines === 0 ? '\r' : `\r${ESC}${lines}A`);
