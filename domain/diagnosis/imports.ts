/** Which packages a file of the application takes its names from; by the common forms of `require` and `import`. */

const FORMS: readonly RegExp[] = [
  /(?:const|let|var)\s+(\{[^}]{0,300}\}|[\w$]+)\s*=\s*(?:await\s+)?(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g,
  /import\s+([\w$*{][^'";]{0,300})\sfrom\s*['"]([^'"]+)['"]/g,
  // What compilers make of an import: `const x_1 = __importDefault(require('x'))`.
  /(?:const|let|var)\s+([\w$]+)\s*=\s*__\w+\(require\(['"]([^'"]+)['"]\)\)/g,
];

/** Package by each name that the file has for it, or for a part of it. */
export function importsOf(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const form of FORMS) {
    for (const [, left = '', from = ''] of text.matchAll(form)) {
      const name = packageOf(from);
      if (name === null) continue;
      for (const word of left.matchAll(/(?:^|[\s,{])(?:[\w$]+\s*(?:as|:)\s*)?([A-Za-z_$][\w$]*)\s*(?=[,}]|$)/g))
        if (word[1] !== undefined) names.set(word[1], name);
    }
  }
  return names;
}

/** null: a file of the application, or a part of Node.js. */
function packageOf(from: string): string | null {
  if (/^[./]|^node:/.test(from)) return null;
  return /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? null;
}

/** The packages that a line of code uses by a name of the file. */
export function usedOn(line: string, names: ReadonlyMap<string, string>): string[] {
  const words = line.match(/[A-Za-z_$][\w$]*/g) ?? [];
  return [...new Set(words.flatMap((word) => names.get(word) ?? []))];
}

/** The package that a file lies in; null: it is no dependency's. */
export function packageAt(file: string): string | null {
  const inside = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1];
  return inside === undefined || inside.startsWith('.') ? null : inside.replace('\\', '/');
}
