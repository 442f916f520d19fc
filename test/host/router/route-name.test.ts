import { routeName } from '../../../host/router/route-name';

test.each([
  ['/', '/'],
  ['/cart', '/cart'],
  ['/cart/', '/cart/'],
  ['/search?q=a/b', '/search'],
  ['/page#top', '/page'],
  ['/a;session=1', '/a'],
  ['/item/4711', '/item/:id'],
  ['/item/4711/reviews', '/item/:id/reviews'],
  ['/api/v2/users', '/api/v2/users'],
  ['/user/ana%20b/x', '/user/:id/x'],
  ['/o/550e8400-e29b-41d4-a716-446655440000', '/o/:id'],
  ['/reset/abcdefghijklmnopqrstuvwxyzabcdefghijkl', '/reset/:id'],
  ['/a/b/c/d/e/f/g', '/a/b/c/d/e/…'],
  ['/assets/main.css', '/assets/main.css'],
  ['/assets/app.4f3c9a.js', '/assets/:id'],
  ['*', '*'],
])('%s is counted as %s', (path, route) => {
  expect(routeName(path)).toBe(route);
});
