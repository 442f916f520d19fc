import { linkProblem } from '../../../domain/source/links';
import { pathProblem } from '../../../domain/source/paths';

const problem = (path: string, links: Record<string, string>) => linkProblem(path, new Map(Object.entries(links)));

test.each([
  ['a', { a: 'b/c' }],
  ['x/a', { 'x/a': '../b' }],
  ['x/y/a', { 'x/y/a': '../../b/./c//d' }],
  ['a', { a: '.' }],
  ['a', { a: 'b', b: 'a' }],
  ['a', { a: 'missing/../b' }],
  ['d/e', { 'd/e': '../l/x', l: 'deep/er' }],
])('The link %s of %j stays inside', (path, links) =>
  expect(problem(path, links as unknown as Record<string, string>)).toBeNull(),
);

test.each([
  ['a', { a: '/etc/passwd' }, 'absolute'],
  ['a', { a: '..' }, 'out of the folder'],
  ['x/a', { 'x/a': '../../b' }, 'out of the folder'],
  ['a', { a: 'p/q/up/..', 'p/q/up': '../..' }, 'out of the folder'],
  ['a', { a: 'l/x', l: '/tmp' }, 'through l to the absolute path /tmp'],
  ['a', { a: '' }, 'nowhere'],
  ['a', { a: 'b\0c' }, 'NUL'],
])('The link %s of %j is refused', (path, links, words) =>
  expect(problem(path, links as unknown as Record<string, string>)).toContain(words),
);

test.each(['', '/a', '../a', 'a/../../b', 'a//b', './a', 'a\0b', 'a\uFFFD'])('The name %j is refused', (name) => {
  expect(pathProblem(name)).not.toBeNull();
});

test.each(['a', '-rf', 'a b', '..a', 'a..', '.hidden', 'a\nb', 'a\\b'])('The name %j is a name', (name) => {
  expect(pathProblem(name)).toBeNull();
});
