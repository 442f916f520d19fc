import pico from 'picocolors';
import { liveView } from '../../../../client/cli/follow-views/live';
import { lineText } from '../../../../client/cli/line';
import type { Print, Terminal } from '../../../../client/cli/print';
import { lookAt } from '../../../support/statuses';

const waitingFor = {
  kind: 'approval' as const,
  digest: 'sha256:cafe',
  deadline: '2026-11-23T15:00:00.000Z',
  then: 'it is rejected',
  answer: 'mvca approve shop --digest sha256:cafe',
  from: [],
  needs: 1,
  given: 0,
};

/** What a terminal of that width is given, and what is printed above and below the picture. */
function shown(webUi: string, columns: number): { readonly drawn: string; readonly printed: readonly string[] } {
  let drawn = '';
  const printed: string[] = [];
  const terminal: Terminal = {
    columns,
    rows: 30,
    colours: pico.createColors(false),
    asTyped: (text) => text.replace('mvca', 'npx mvca'),
    write: (text) => void (drawn += text),
    onResize: () => () => undefined,
  };
  const print = {
    progress: (content: Parameters<Print['progress']>[0]) =>
      void printed.push(typeof content === 'string' ? content : lineText(content)),
  } as Print;
  const view = liveView(print, terminal, { webUi });
  view.update({ kind: 'look', look: lookAt({ waitingFor }) });
  view.close(null);
  return { drawn, printed };
}

test('the command that answers can be copied from the picture as it is typed here', () => {
  expect(shown('http://ui', 80).drawn).toContain('  npx mvca approve shop --digest sha256:cafe');
});

test('an address without room in the picture stands above it, whole', () => {
  const webUi = `http://ui/${'x'.repeat(80)}`;
  expect(shown(webUi, 80).printed).toEqual([`web UI  ${webUi}`]);
  expect(shown(webUi, 80).drawn).not.toContain('web UI');
  expect(shown(webUi, 120)).toMatchObject({ printed: [], drawn: expect.stringContaining(`web UI  ${webUi}`) });
});
