/**
 * Variables and secrets that are missing or malformed. The name is known by its form (`STRIPE_KEY`), by the line of code that
 * threw (`process.env.PORT`), by the spec, or by the path that a schema's complaint names.
 */
import type { Context } from '../answer';
import { isOwn, ownPlace, placeText, type Entry, type Fault } from '../fault';
import { isFrame } from '../trace';
import { setSecret, type Recogniser, type Recognition } from './recogniser';

const IN_CODE = /process\.env(?:\.(\w+)|\[['"](\w+)['"]\])|\benv\.([A-Z]\w+)/;
/** Two words in capitals or more; codes of errors are none. */
const NAME = /(?<![\w./$-])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w(-])/g;
const NO_VARIABLE =
  /^(?:ERR|E|ER|CERT|SQLITE|UND_ERR|HPE|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|MODULE_NOT|UV|P\d+|HTTP|SIG|OUT_OF|POOL)_|_(?:ERROR|EXCEPTION|FAILED|FAILURE)$/;
/** One word in capitals, where the text itself calls it a variable. */
const CALLED =
  /(?:\benv(?:ironment)?(?:[ _-]?var(?:iable)?s?)?|\bvariable|\bsecret|\bsetting|\bconfig(?:uration)?(?: key| value| error)?)\b[^A-Z\n]{0,30}?["'`$({[]*([A-Z][A-Z0-9]{2,})\b(?!_)/;
const QUOTED = /["'`]([A-Z][A-Z0-9]{2,})["'`] (?:is|must|should|has|needs|was)\b/;

const ABSENT =
  /\bmissing\b|\brequired?\b|\brequires\b|\bnot (?:\w+ )?(?:set|defined|found|provided|given|configured|present|supplied|specified|available)\b|\bundefined\b|\bunset\b|\bempty\b|\bnull\b|\babsent\b|\bwithout\b|\blacks?\b|\bno value\b|\bneeds?\b|\bno \w|\bmust (?:have a value|be (?:provided|set|present|defined|given|specified))\b|\bneither\b|\bprovide\b|\bset the\b|\bblank\b|\bunconfigured\b|\bn['o]t set\b/i;
const MALFORMED =
  /\binvalid\b|\bmalformed\b|\bmust (?:be|have|match|start|contain|not)\b|\bshould be\b|\bis not an?\b|\bnot (?:valid|parsable)\b|\bexpected\b|\bNaN\b|\bunparsable\b|\bcannot (?:be )?parsed?\b|\bcould not (?:be )?parsed?\b|\bout of range\b|\bbad\b|\bwrong\b|\bunsupported\b|\btoo (?:short|long)\b|\bat least\b/i;

/** Codes of errors that a value from outside brings about. */
const OF_VALUE =
  /^(?:ERR_INVALID_(?:URL|ARG_TYPE|ARG_VALUE|PROTOCOL|CHAR|IP_ADDRESS|ADDRESS\w*|KEY\w*|PARAMS\w*)|ERR_SOCKET_BAD_PORT|ERR_OUT_OF_RANGE|ERR_OSSL_\w+|ERR_CRYPTO_INVALID_\w+|ERR_UNSCHEDULED|ERR_UNESCAPED_CHARACTERS|P1012|P1013|ERR_PARSE_ARGS\w*)$/;

export const recogniseVariables: Recogniser = (fault, entry, context) => {
  const nameInCode = readInCode(fault);
  if (nameInCode !== null && isAboutIt(fault, nameInCode)) return byCode(fault, nameInCode, context);
  if (isOfLanguage(fault)) return null;
  const text = [fault.message, ...complaints(entry)].join('\n');
  const named = namesIn(text, context);
  const judged = named.map((name) => judge(name, text));
  const best = judged.find(({ isAbsent }) => isAbsent) ?? judged[0];
  const isOfValue = OF_VALUE.test(fault.code ?? '');
  if (best !== undefined && (best.isAbsent || isOfValue || MALFORMED.test(best.said))) {
    const { name, isAbsent: isMissing } = best;
    const also = named.filter((one) => one !== name);
    return recognition({ name, isMissing, confidence: confidenceIn(entry, best.said), context, also });
  }
  return isOfValue || isOption(fault, entry) ? unnamed(fault, context) : null;
};

/** A line that says what is used instead tells of no trouble. */
function confidenceIn({ level, chain }: Entry, said: string): number {
  if (level === 'error' || chain.length > 0) return 0.92;
  if (/\b(?:default\w*|fall(?:ing|s)? ?back|optional|using|instead|disabled|skipp\w+)\b/i.test(said)) return 0.4;
  return level === 'warn' ? 0.6 : 0.92;
}

/** The variable that the line reads which threw; a constant in capitals that has no value was one (`const { API_KEY } = process.env`). */
function readInCode({ sourceLine, message }: Fault): string | null {
  const [, dotted, indexed, ofEnv] = IN_CODE.exec(sourceLine ?? '') ?? [];
  const property = READING.exec(message)?.[1];
  const constant =
    property === undefined
      ? null
      : new RegExp(`\\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)[!)]*\\.${escaped(property)}\\b`).exec(sourceLine ?? '');
  return dotted ?? indexed ?? ofEnv ?? constant?.[1] ?? null;
}

const READING = /\(reading '([^']+)'\)/;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A name that the language does not know is one of the code's. */
const isOfLanguage = ({ name, message }: Fault): boolean =>
  name === 'ReferenceError' ||
  (name === 'TypeError' &&
    /^Cannot (?:read|set|destructure|convert)|is not (?:a function|iterable|a constructor)/.test(message));

/** A library that says which of its options it lacks, and does not know where the value should have come from. */
function isOption({ name, message, frames: [first] }: Fault, { isFatal }: Entry): boolean {
  if (!/secret|\b(?:api|private|access)[ _-]?key\b|\btoken\b|password|credential|connection string/i.test(message))
    return false;
  const isByLibrary = first !== undefined && !isOwn(first) && name === 'Error';
  return (isFatal || isByLibrary) && ABSENT.test(message);
}

interface Judged {
  readonly name: string;
  readonly said: string;
  readonly isAbsent: boolean;
}

function judge(name: string, text: string): Judged {
  const said = around(text, name);
  return { name, said, isAbsent: isAbsence(said) };
}

/** `Expected string, received undefined` is an absence; `must be a number, required` is not what is said of one. */
const isAbsence = (said: string): boolean =>
  /received (?:undefined|null)|\bundefined\b/i.test(said) ||
  (ABSENT.test(said) &&
    !/\b(?:invalid|malformed|must be an?|must have|must match|not a valid|is not an?)\b/i.test(
      said.replace(/invalid_type|Invalid environment variables?/gi, ''),
    ));

/** The line may do more than read the variable: then the error is about something else in it. */
function isAboutIt({ name, message, code, sourceLine }: Fault, variable: string): boolean {
  const property = READING.exec(message)?.[1];
  if (property !== undefined)
    return new RegExp(`\\b${variable}(?:['"]\\])?[!)]*\\.${escaped(property)}\\b`).test(sourceLine ?? '');
  return (
    OF_VALUE.test(code ?? '') ||
    /^(?:TypeError|SyntaxError|RangeError)$/.test(name ?? '') ||
    ABSENT.test(message) ||
    MALFORMED.test(message)
  );
}

function byCode(fault: Fault, name: string, context: Context): Recognition {
  const isMissing =
    isAbsence(fault.message) ||
    /undefined|null|required|missing|not set|NaN|must have a value/i.test(fault.message) ||
    /'undefined'/.test(fault.fields['input'] ?? '') ||
    fault.fields['input'] === 'undefined';
  const place = ownPlace(fault);
  return recognition({
    name,
    isMissing,
    confidence: 0.93,
    context,
    also: [],
    place: place === null ? null : placeText(place),
  });
}

/** What schema libraries and checkers of variables print below, or keep in the error. */
function complaints(entry: Entry): string[] {
  // What stands above an uncaught error is a line of code, and no complaint.
  const from = entry.chain[0]?.thrownAt == null ? 0 : entry.chain[0].offset;
  if (entry.chain.length > 0 && entry.json === null) return entry.texts.slice(from).filter((text) => !isFrame(text));
  return entry.texts.slice(0, 60);
}

/** The part of the text that speaks of the name: its line, and the next ones where the line says nothing more. */
function around(text: string, name: string): string {
  const lines = text.split(/\n|[.;] (?=["'`A-Z])/);
  const at = lines.findIndex((line) => line.includes(name));
  const line = lines[at] ?? '';
  if (ABSENT.test(line) || MALFORMED.test(line)) return line;
  return lines.slice(Math.max(0, at - 8), at + 5).join('\n');
}

function namesIn(text: string, { variables, secrets }: Context): string[] {
  const known = [...variables, ...secrets].filter((name) => new RegExp(`(?<!\\w)${name}(?!\\w)`).test(text));
  const formed = (text.match(NAME) ?? []).filter((name) => !NO_VARIABLE.test(name) && !/^[A-Z]_/.test(name));
  const called = [CALLED.exec(text)?.[1], QUOTED.exec(text)?.[1], IN_CODE.exec(text)?.[1]].filter(
    (name) => name !== undefined,
  );
  return [...new Set([...known, ...formed, ...called])].filter(
    (name) => !/^(?:ERROR|FATAL|WARN|INFO|JSON|URL|HTTP|NOT|AND|THE|MUST)$/.test(name),
  );
}

interface Found {
  readonly name: string;
  readonly isMissing: boolean;
  readonly confidence: number;
  readonly context: Context;
  readonly also: readonly string[];
  readonly place?: string | null;
}

const SECRET_NAME = /SECRET|KEY|TOKEN|PASS|PWD|CREDENTIAL|PRIVATE|CERT|DSN|_UR[LI]$|SALT|AUTH|SIGN|WEBHOOK/;

function recognition({ name, isMissing, confidence, context, also, place = null }: Found): Recognition {
  const isPlain = context.variables.includes(name) && !context.secrets.includes(name);
  const isSecret = !isPlain && (context.secrets.includes(name) || SECRET_NAME.test(name));
  const kind = isSecret ? 'secret' : 'variable';
  const others = also.length === 0 ? '' : ` (also named: ${also.slice(0, 5).join(', ')})`;
  const where = context.environment === null ? 'its environment' : context.environment;
  return {
    cause: isMissing ? 'missing-variable' : 'malformed-variable',
    subject: name,
    confidence,
    title: `the ${kind} ${name} ${isMissing ? 'is missing' : 'has a value that the application cannot use'}${place === null ? '' : ` (read at ${place})`}${others}`,
    remedy: isPlain
      ? { text: `Give ${name} the right value under \`variables\` of ${where} in deployment.yaml.` }
      : {
          text: `${isMissing ? 'Give' : 'Correct the value of'} ${name}${isMissing ? ` a value in ${where}, and name it under \`requires\` so that the next plan asks for it` : ` in ${where}`}.`,
          ...setSecret(context, name),
        },
  };
}

function unnamed(fault: Fault, context: Context): Recognition {
  const place = ownPlace(fault);
  const at = place === null ? '' : ` at ${placeText(place)}`;
  const isMissing =
    fault.fields['input'] === 'undefined' ||
    ABSENT.test(fault.message) ||
    /Received type number \(NaN\)/.test(fault.message);
  return {
    cause: isMissing ? 'missing-variable' : 'malformed-variable',
    subject: at,
    confidence: 0.6,
    title: `a value that the application was given ${isMissing ? 'is missing' : 'is malformed'}${at}: ${fault.message.split('\n')[0] ?? ''}`,
    remedy: {
      text: `See which variable or secret is read${at}, and give it a value that is right${context.environment === null ? '' : ` in ${context.environment}`}.`,
    },
  };
}
