export type Targets = Readonly<Record<string, string>>;

export const targets: Targets = {
  node: 'https://nodejs.org/',
  ts: 'https://www.typescriptlang.org/',
  temporal: 'https://temporal.io/',
  http: 'https://www.rfc-editor.org/rfc/rfc9110',
};

/** Names are found however they are written. */
export function find(links: Targets, name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return Object.hasOwn(links, wanted) ? links[wanted] : undefined;
}
