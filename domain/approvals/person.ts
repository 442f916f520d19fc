/** How people are named: in audit logs, on terminals, beside the names that may approve. */

/** As in a message: no control characters, no changes of direction. */
const READABLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,100}$/u;

/** What is wrong with a person's name; null: nothing. A blank at an end would make another person of the same one. */
export function personProblem(name: string): string | null {
  if (READABLE.test(name) && name === name.trim() && !name.startsWith('-')) return null;
  return `${JSON.stringify(name.slice(0, 100))} cannot be a person's name: 1 to 100 characters on one line, without a blank at an end or a dash at the beginning`;
}
