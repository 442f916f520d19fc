/** Masks in quoted lines what looks like a secret or belongs to a person; without knowing any value, by form alone. */
import { MASK } from '../secrets/redact';

const SECRET_WORD = String.raw`(?:pass(?:word|wd|phrase)|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|private[-_]?key|credentials?|authorization|cookie|session(?:[-_]?(?:id|key))?|signature|\b(?:pass|otp|cvc|cvv|pin)\b)`;
const PERSON_WORD = String.raw`(?:e[-_]?mail|phone|mobile|first[-_]?name|last[-_]?name|full[-_]?name|address[-_]?line\d?|street|birth[-_]?(?:date|day)?|ssn|iban|card(?:[-_]?number)?|(?:client|remote)[-_]?ip|remote[-_]?address|x-forwarded-for)`;

const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*(?:PRIVATE KEY|CERTIFICATE)-----[^]*?(?:-----END [A-Z ]+-----|$)/g, MASK],
  // user:password@host, also where the scheme is missing; the last @ before the host is the one that counts.
  [/((?:[a-z][a-z0-9+.-]*:)?\/\/[^\s/:@'"]*:)[^\s'"]*@(?=[\w.[-])/gi, `$1${MASK}@`],
  [/([\w.-]+:)[^\s@'"/:]{3,}@(?=[\w.-]+[:/])/g, `$1${MASK}@`],
  [/[\p{L}\d._%+-]+@[\p{L}\d-]+(?:\.[\p{L}\d-]+)+/gu, '[email]'],
  [/\b(Bearer|Basic|Digest|Token)\s+[\w+/.~=-]{6,}/g, `$1 ${MASK}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  [
    /\b(?:sk|pk|rk|whsec|ghp|gho|ghs|ghu|github_pat|glpat|npm|xox[abprs]|AKIA|ASIA|AIza|SG|shpat|dop_v1|key|tok)[-_.]?[A-Za-z0-9][\w.-]{11,}/g,
    MASK,
  ],
  // What JSON.parse quotes is what it was given.
  [/(Unexpected (?:token|end|non-whitespace)[^"]*)"[^]*"(?= is not valid JSON)/g, `$1"${MASK}"`],
  [
    new RegExp(
      String.raw`((?:["']?)[\w.-]*${SECRET_WORD}\w*["']?\s*(?:=>|[=:])\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?!(?:YES|NO|true|false|null|undefined)\b)[^\s,;&}\])]+)`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  [new RegExp(String.raw`(${SECRET_WORD}\w*\b[^"'\n]{0,80}?)("[^"\n]{4,}"|'[^'\n]{4,}')(?!\s*[:=])`, 'gi'), '\u0000'],
  [
    new RegExp(
      String.raw`((?:["']?)\b${PERSON_WORD}["']?\s*(?:=>|[=:])\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&}\])]+)`,
      'gi',
    ),
    '$1[personal]',
  ],
  [/\b(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[A-Fa-f0-9]{32,}\b/g, MASK],
  [
    /(?<![\w/.-])(?=[A-Za-z\d+_-]*\d)(?=[A-Za-z\d+_-]*[a-z])(?=[A-Za-z\d+_-]*[A-Z])[A-Za-z\d+_-]{24,}={0,2}(?![\w/.-])/g,
    MASK,
  ],
  [/(?<![\w.])\+\d[\d ()-]{7,}\d\b/g, '[phone]'],
  [/\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/g, '[personal]'],
];

const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

/** The text with what is secret or personal replaced by a word that says what stood there. */
export function mask(text: string): string {
  const masked = FORMS.reduce(
    (left, [pattern, by]) => (by === '\u0000' ? left.replace(pattern, quotedValue) : left.replace(pattern, by)),
    text,
  );
  return masked.replace(CARD, (digits) => (isCard(digits.replace(/\D/g, '')) ? '[personal]' : digits));
}

/** `invalid password "hunter2"`: a quoted value after the word; a quoted name (`user "app"`, a path, a constant) is let stand. */
function quotedValue(whole: string, before: string, quoted: string): string {
  const value = quoted.slice(1, -1);
  if (/\b(?:user|role|database|relation|column|table|for|module|package|property|reading)\s*$/i.test(before))
    return whole;
  return /^[A-Z][A-Z\d_]*$|[\\/]|^\[|^(?:undefined|null|string|number)$/.test(value) ? whole : `${before}"${MASK}"`;
}

/** Luhn's check. */
function isCard(digits: string): boolean {
  let sum = 0;
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}
