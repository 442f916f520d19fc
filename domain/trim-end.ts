/** The text without what stands at its end of these characters: in one pass, which a pattern of the kind `/x+$/` is not. */
export function trimEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
