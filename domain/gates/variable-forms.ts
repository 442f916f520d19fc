/** Forms that the value of a required variable may be declared to have. */
import type { VariableForm } from '../spec/spec';

/** What a value must be to have that form, in words without the value; null when it has it. */
export function formProblem(form: VariableForm, value: string): string | null {
  const { expected, test } = FORMS[form];
  return test(value) ? null : expected;
}

const FORMS: Readonly<Record<VariableForm, { readonly expected: string; readonly test: (value: string) => boolean }>> =
  {
    text: { expected: 'a text that is not empty', test: (value) => value !== '' },
    port: {
      expected: 'a port, from 1 to 65535',
      test: (value) => /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535,
    },
    number: { expected: 'a number', test: (value) => /^[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value) },
    boolean: {
      expected: 'true or false (or 1, 0, yes, no, on, off)',
      test: (value) => /^(true|false|1|0|yes|no|on|off)$/i.test(value),
    },
    url: { expected: 'a URL with scheme and host', test: isUrl },
    email: { expected: 'an e-mail address', test: (value) => /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/.test(value) },
    json: { expected: 'JSON', test: isJson },
  };

function isUrl(value: string): boolean {
  try {
    const { host, protocol } = new URL(value);
    return value.trim() === value && (host !== '' || protocol === 'file:' || protocol === 'sqlite:');
  } catch {
    return false;
  }
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
