/** The screen after these bytes, with its colours, as a page of HTML. Knows the sequences that the live view uses. */
const COLOURS: Readonly<Record<string, string>> = {
  '1': 'font-weight:bold',
  '2': 'color:#8b949e',
  '31': 'color:#ff7b72',
  '32': 'color:#7ee787',
  '33': 'color:#e3b341',
  '36': 'color:#79c0ff',
};
const PART = /\u001b\[\??(\d*)([A-Za-z])|\r|\n|[^\u001b\r\n]/gu;

interface Cell {
  readonly character: string;
  readonly style: string;
}

export function terminalPage(drawn: string): string {
  const rows = screen(drawn).map((row) => Array.from(row, (cell) => (cell === undefined ? ' ' : html(cell))).join(''));
  const css = 'background:#0d1117;color:#e6edf3;font:14px/19px "DejaVu Sans Mono",monospace;padding:16px;margin:0';
  return `<!doctype html><meta charset="utf-8"><body style="margin:0"><pre style='${css};width:940px'>${rows.join('\n').trimEnd()}</pre>`;
}

function screen(drawn: string): Cell[][] {
  const grid: Cell[][] = [[]];
  let [row, column, style] = [0, 0, ''];
  for (const [all, count = '', command] of drawn.matchAll(PART)) {
    if (all === '\r' || command === 'H') column = 0;
    if (command === 'H') row = 0;
    else if (all === '\n') row += 1;
    else if (command === 'A') row = Math.max(0, row - Number(count || 1));
    else if (command === 'm') style = styleAfter(style, count);
    else if (command === 'K' || command === 'J') clear(grid, { row, column, below: command === 'J' });
    else if (command === undefined && all !== '\r') (grid[row] ??= [])[column++] = { character: all, style };
    while (grid.length <= row) grid.push([]);
  }
  return grid;
}

function clear(grid: Cell[][], from: { readonly row: number; readonly column: number; readonly below: boolean }): void {
  (grid[from.row] ??= []).length = from.column;
  if (from.below) grid.length = from.row + 1;
}

/** Codes from 22 on that are no colour end one, as picocolors writes them. */
const styleAfter = (style: string, code: string): string =>
  ['', '0', '22', '39'].includes(code) ? '' : (COLOURS[code] ?? style);

function html({ character, style }: Cell): string {
  const safe = character.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return style === '' ? safe : `<span style="${style}">${safe}</span>`;
}
