/** Whether every required variable has a value of its declared form. No message shows a secret's value. */
import type { EnvironmentSpec, RequiredVariable } from '../spec/spec';
import type { Finding } from './gate';
import { formProblem } from './variable-forms';

export type SecretFact =
  | { readonly kind: 'resolved'; readonly value: string; readonly version?: string }
  /** Why not, in words that hold no value. */
  | { readonly kind: 'missing'; readonly problem: string }
  /** It is somebody else's: nothing is to be set. */
  | { readonly kind: 'refused'; readonly problem: string };

export interface RequiredFacts {
  readonly app: string;
  readonly environment: EnvironmentSpec;
  /** By variable name. */
  readonly secrets: Readonly<Record<string, SecretFact>>;
}

/** What every instance is told by us, whatever the spec says. */
const TOLD = ['PORT', 'APP_VERSION', 'MVCA_APP', 'MVCA_ENVIRONMENT', 'MVCA_RELEASE', 'MVCA_INSTANCE'];

export function requiredFindings(facts: RequiredFacts): readonly Finding[] {
  return facts.environment.requires.map((required) => requiredFinding(facts, required));
}

export function secretFindings({ environment, secrets }: RequiredFacts): readonly Finding[] {
  return Object.entries(environment.secrets).map(([name, reference]) => {
    const fact = secrets[name];
    const id = `secret/${name}`;
    if (fact?.kind === 'resolved')
      return { id, verdict: 'passed', message: `${name} is resolved from ${reference}`, remedy: null };
    return {
      id,
      verdict: 'refused',
      message: `${name}: ${fact?.problem ?? 'it was not looked up'}`,
      remedy: fact?.kind === 'refused' ? null : settingCommand(reference),
    };
  });
}

function requiredFinding(facts: RequiredFacts, { name, form }: RequiredVariable): Finding {
  const { app, environment, secrets } = facts;
  const id = `variable/${name}`;
  const refused = (message: string, remedy: string): Finding => ({ id, verdict: 'refused', message, remedy });
  const reference = environment.secrets[name];
  const secret = Object.hasOwn(secrets, name) ? secrets[name] : undefined;
  if (reference !== undefined && secret?.kind !== 'resolved')
    return refused(`${name} is required, and its secret cannot be resolved`, nextFor(secret, name, reference));
  const open = Object.hasOwn(environment.variables, name) ? environment.variables[name] : undefined;
  const value = secret?.kind === 'resolved' ? secret.value : open;
  if (value === undefined)
    return isTold(environment, name)
      ? told(id, name)
      : refused(`${name} is required and has no value`, giveIt(app, environment, name));
  const problem = formProblem(form, value);
  if (problem === null) return { id, verdict: 'passed', message: `${name} has a value (${form})`, remedy: null };
  if (value === '') return refused(`${name} is required, and its value is empty`, giveIt(app, environment, name));
  const shown = reference === undefined ? `${JSON.stringify(value)} is not` : 'its secret value is not';
  const remedy =
    reference === undefined
      ? `correct it in \`environments.${environment.name}.variables\``
      : (settingCommand(reference) ?? `correct ${reference}`);
  return refused(`${name}: ${shown} ${problem}`, remedy);
}

const nextFor = (secret: SecretFact | undefined, name: string, reference: string): string =>
  secret?.kind === 'refused' ? `see secret/${name}` : (settingCommand(reference) ?? `set ${reference}`);

const isTold = ({ platform }: EnvironmentSpec, name: string): boolean =>
  TOLD.includes(name) || ('variable' in platform.port && platform.port.variable === name);

const told = (id: string, name: string): Finding => ({
  id,
  verdict: 'passed',
  message: `${name} is told to every instance`,
  remedy: null,
});

const giveIt = (app: string, { name: environment }: EnvironmentSpec, name: string): string =>
  `mvca secrets set ${app} ${environment} ${name}, and name it in the spec: \`environments.${environment}.secrets: { ${name}: secret://file/${app}/${environment}/${name} }\`; or write it under \`variables\` when it is no secret`;

/** null: a secret that is not set by a command of ours. */
function settingCommand(reference: string): string | null {
  const parts = /^secret:\/\/file\/(.+)$/.exec(reference)?.[1]?.split('/') ?? [];
  if (parts.length === 3 || parts.length === 2) return `mvca secrets set ${parts.join(' ')}`;
  const name = /^secret:\/\/env\/(.+)$/.exec(reference)?.[1];
  return name === undefined ? null : `set ${name} in the environment of the worker and start it again`;
}
