import fc from 'fast-check';
import { substitute } from '../../../domain/command/substitute';

const values = { PORT: '20001', LEVEL: 'debug', EMPTY: '', DOLLAR: '$PORT' };

test.each([
  ['$PORT', '20001'],
  ['--port=${PORT}1', '--port=200011'],
  ['$LEVEL/$PORT', 'debug/20001'],
  ['a$EMPTY-b', 'a-b'],
  ['$$PORT', '$PORT'],
  ['$$$PORT', '$20001'],
  ['costs 5$', 'costs 5$'],
  ['$1 and $-', '$1 and $-'],
  ['$DOLLAR', '$PORT'],
  ['', ''],
])('%s becomes %s', (written, filled) => {
  expect(substitute(['node', written], values)).toEqual({ kind: 'substituted', command: ['node', filled] });
});

test('unknown names are an answer that names each once, in their order', () => {
  expect(substitute(['$B', '${A}', '$B$PORT', '${}', '${x y}'], values)).toEqual({
    kind: 'unknown',
    names: ['B', 'A', '', 'x y'],
  });
});

test('names of what every object has are unknown', () => {
  expect(substitute(['$constructor', '$__proto__'], values)).toEqual({
    kind: 'unknown',
    names: ['constructor', '__proto__'],
  });
});

test('text without a dollar stays, whatever it is', () => {
  const plain = fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('$', '')));
  fc.assert(
    fc.property(plain, (command) => {
      expect(substitute(command, values)).toEqual({ kind: 'substituted', command });
    }),
  );
});

test('what was escaped by doubling every dollar comes out as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (command) => {
      const doubled = command.map((argument) => argument.replaceAll('$', '$$$$'));
      expect(substitute(doubled, values)).toEqual({ kind: 'substituted', command });
    }),
  );
});

test('a value goes in as it is and is not looked at again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      expect(substitute(['<$X>', '<${X}>'], { X: value })).toEqual({
        kind: 'substituted',
        command: [`<${value}>`, `<${value}>`],
      });
    }),
  );
});
