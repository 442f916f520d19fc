/** A terminal screen in memory: what a person would see after these bytes. Knows what our drawing uses, and nothing else (it throws). */
export interface Screen {
  columns: number;
  rows: number;
  write(text: string): void;
  lines(): string[];
  readonly cursorShown: boolean;
}

const PART = /\u001b\[(\?)?(\d*)([A-Za-z])|\r|\n|[^\u001b\r\n]/gy;

export function createScreen(columns: number, rows: number): Screen {
  let grid: string[][] = [[]];
  let [row, column, shown] = [0, 0, true];
  const screen = {
    columns,
    rows,
    get cursorShown() {
      return shown;
    },
    lines: () => grid.map((cells) => cells.join('').trimEnd()),
    write: (text: string) => {
      PART.lastIndex = 0;
      let matched = 0;
      for (const match of text.matchAll(PART)) {
        if (match.index !== matched) break;
        matched += match[0].length;
        obey(match);
      }
      if (matched !== text.length) throw new Error(`unknown sequence in ${JSON.stringify(text.slice(matched))}`);
    },
  };
  const obey = ([all, mode, count, command]: RegExpMatchArray): void => {
    if (all === '\r') column = 0;
    else if (all === '\n') move(1);
    else if (command === undefined) put(all);
    else if (mode === '?') shown = count === '25' ? command === 'h' : shown;
    else if (command === 'A') row = Math.max(0, row - Number(count || 1));
    else if (command === 'K') line().length = column;
    else if (command === 'J' && count === '2') grid = [[]];
    else if (command === 'J') clearBelow();
    else if (command === 'H') [row, column] = [0, 0];
    else if (command !== 'm') throw new Error(`unknown command ${JSON.stringify(all)}`);
  };
  const line = (): string[] => (grid[row] ??= []);
  const clearBelow = (): void => {
    line().length = column;
    grid.length = row + 1;
  };
  const put = (character: string): void => {
    if (column >= screen.columns) {
      move(1);
      column = 0;
    }
    const cells = line();
    while (cells.length < column) cells.push(' ');
    cells[column++] = character;
  };
  /** Scrolls where there is no room. */
  const move = (by: number): void => {
    row += by;
    while (grid.length <= row) grid.push([]);
    while (grid.length > screen.rows) {
      grid.shift();
      row -= 1;
    }
  };
  return screen;
}
