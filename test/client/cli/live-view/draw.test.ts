import pico from 'picocolors';
import { line } from '../../../../client/cli/line';
import { openCanvas, type Picture } from '../../../../client/cli/live-view/draw';
import type { Terminal } from '../../../../client/cli/print';
import { createScreen, type Screen } from '../../../support/screen';

function terminalOn(screen: Screen): Terminal & { resize(columns: number, rows: number): void } {
  const listeners = new Set<() => void>();
  return {
    get columns() {
      return screen.columns;
    },
    get rows() {
      return screen.rows;
    },
    colours: pico.createColors(true),
    write: (text) => screen.write(text),
    asTyped: (text) => text,
    onResize: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    resize: (columns, rows) => {
      Object.assign(screen, { columns, rows });
      for (const listener of listeners) listener();
    },
  };
}

const rows =
  (...texts: string[]): Picture =>
  ({ width }) =>
    texts.map((text) => line(text.slice(0, width)));

test('a picture replaces the one before, whatever their heights', () => {
  const screen = createScreen(40, 10);
  screen.write('$ mvca deploy\r\n');
  const canvas = openCanvas(terminalOn(screen));
  canvas.draw(rows('one', 'two', 'three'));
  expect(screen.lines()).toEqual(['$ mvca deploy', 'one', 'two', 'three', '']);
  canvas.draw(rows('a longer first line'));
  expect(screen.lines()).toEqual(['$ mvca deploy', 'a longer first line', '']);
  canvas.draw(rows('1', '2', '3', '4', '5'));
  expect(screen.lines()).toEqual(['$ mvca deploy', '1', '2', '3', '4', '5', '']);
});

test('the cursor is hidden while drawing, and shown again at the end with the picture taken away', () => {
  const screen = createScreen(40, 10);
  const canvas = openCanvas(terminalOn(screen));
  expect(screen.cursorShown).toBe(false);
  canvas.draw(rows('one', 'two'));
  canvas.close();
  expect(screen.cursorShown).toBe(true);
  expect(screen.lines()).toEqual(['']);
  canvas.draw(rows('late'));
  expect(screen.lines()).toEqual(['']);
});

test('a picture of full height neither wraps nor scrolls', () => {
  const screen = createScreen(10, 4);
  const canvas = openCanvas(terminalOn(screen));
  for (let n = 0; n < 5; n += 1)
    canvas.draw(({ width, height }) => Array.from({ length: height }, () => line(String(n).repeat(width))));
  expect(screen.lines()).toEqual(['4'.repeat(9), '4'.repeat(9), '4'.repeat(9), '']);
});

test('after a change of size the picture is drawn anew on a clear screen', () => {
  const screen = createScreen(40, 10);
  const terminal = terminalOn(screen);
  const canvas = openCanvas(terminal);
  canvas.draw(rows('a line of thirty characters in all', 'two'));
  terminal.resize(20, 6);
  canvas.draw(rows('a line of thirty characters in all', 'two'));
  expect(screen.lines()).toEqual(['a line of thirty ch', 'two', '']);
});

test('a process that ends otherwise still shows the cursor', () => {
  const screen = createScreen(40, 10);
  const before = process.listeners('exit').length;
  const canvas = openCanvas(terminalOn(screen));
  const [restore] = process.listeners('exit').slice(before);
  expect(restore).toBeDefined();
  restore?.(0);
  expect(screen.cursorShown).toBe(true);
  canvas.close();
  expect(process.listeners('exit').length).toBe(before);
});
