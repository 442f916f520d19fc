/** Where two values differ first, as a path such as `tests.unit.0`; null: nowhere. What is absent is like null. */
export function firstDifference(one: unknown, other: unknown, path = ''): string | null {
  if (!isObject(one) || !isObject(other)) return (one ?? null) === (other ?? null) ? null : path;
  if (Array.isArray(one) !== Array.isArray(other)) return path;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = firstDifference(one[key], other[key], path === '' ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
