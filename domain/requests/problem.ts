/** What is wrong with a request that may come from anybody, before anything is done with it. Shapes and names only: the worker reads the spec anew. */
import { personProblem } from '../approvals/person';
import { TIERS } from '../words';

const APP = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Of releases and versions. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,199}$/;

type Fields = Readonly<Record<string, unknown>>;

/** Of a `deploy` or `plan` for that application (any: null); null: nothing. */
export function deployProblem(request: unknown, app: string | null): string | null {
  if (!isObject(request) || !isObject(request['spec'])) return 'the request has no spec';
  const { spec, directory, version, to } = request;
  return (
    appProblem(spec['app'], app) ??
    environmentsProblem(spec['environments']) ??
    lastProblem(spec['environments'], to) ??
    (isList(spec['notify']) ? null : 'the spec has no list of notifiers') ??
    (typeof directory === 'string' && directory.startsWith('/') ? null : `${said(directory)} is no absolute path`) ??
    (version === null || (typeof version === 'string' && NAME.test(version))
      ? null
      : `${said(version)} is no version`) ??
    requesterProblem(request)
  );
}

/** Of a `rollback`. */
export function rollbackProblem(request: unknown, app: string | null): string | null {
  if (!isObject(request)) return 'the request is not one object';
  const { to } = request;
  return (
    appProblem(request['app'], app) ??
    environmentsProblem([request['environment']]) ??
    (isList(request['notify']) ? null : 'the request has no list of notifiers') ??
    (to === null || (typeof to === 'string' && NAME.test(to)) ? null : `${said(to)} is no release`) ??
    requesterProblem(request)
  );
}

/** Of a `retire`. */
export function retireProblem(request: unknown): string | null {
  if (!isObject(request)) return 'the request is not one object';
  const { release } = request;
  return (
    appProblem(request['app'], null) ??
    environmentsProblem([request['environment']]) ??
    (typeof release === 'string' && NAME.test(release) ? null : `${said(release)} is no release`)
  );
}

/** Of one that joins the line of that application. */
export function joinProblem(joining: unknown, app: string): string | null {
  if (!isObject(joining) || !isObject(joining['request'])) return 'whoever joins has no request';
  const { kind, asked } = joining['request'];
  const known = kind === 'deploy' || kind === 'rollback' ? null : `${said(kind)} is no kind of request`;
  const texts = ['id', 'joinedAt', 'deadline', 'requester'].find((key) => typeof joining[key] !== 'string');
  return (
    known ??
    (kind === 'deploy' ? deployProblem(asked, app) : rollbackProblem(asked, app)) ??
    (texts === undefined ? null : `\`${texts}\` is not text`) ??
    (joining['mode'] === 'queue' || joining['mode'] === 'supersede' ? null : `${said(joining['mode'])} is no mode`) ??
    (joining['state'] === 'waiting' ? null : 'whoever joins waits') ??
    personProblem(String(joining['requester']))
  );
}

/** Of a `freeze`: who, and of what. Its times are checked where it is made. */
export function freezeProblemOf(change: unknown): string | null {
  if (!isObject(change)) return 'the request is not one object';
  const { kind, app, by } = change;
  if (kind !== 'freeze' && kind !== 'unfreeze') return `${said(kind)} is neither freeze nor unfreeze`;
  if (app !== null && appProblem(app, null) !== null) return appProblem(app, null);
  return typeof by === 'string' ? personProblem(by) : '`by` must name the person';
}

/** Of an `inspect`: names that become parts of paths, and environments. */
export function inspectProblem(query: unknown): string | null {
  if (!isObject(query)) return 'the query is not one object';
  const { app = null, request } = query;
  const named = isObject(request) ? request : { app: null, environment: null };
  const asked = [app, named['app'] ?? null].filter((name) => name !== null);
  const wrong = asked.map((name) => appProblem(name, null)).find((problem) => problem !== null);
  if (wrong != null) return wrong;
  if (query['kind'] === 'environments') return environmentsProblem(query['environments']);
  return query['kind'] === 'diagnose' ? environmentsProblem([named['environment']]) : null;
}

function appProblem(app: unknown, wanted: string | null): string | null {
  if (typeof app !== 'string' || !APP.test(app)) return `${said(app)} cannot be an application's name`;
  return wanted === null || app === wanted ? null : `it is for ${app}, and this is the workflow of ${said(wanted)}`;
}

function environmentsProblem(environments: unknown): string | null {
  if (!isList(environments) || environments.length === 0) return 'there is no environment';
  const isKnown = (each: unknown): boolean =>
    isObject(each) &&
    (TIERS as readonly unknown[]).includes(each['name']) &&
    ['platform', 'traffic', 'health', 'strategy', 'watch', 'retire', 'stop'].every((part) => isObject(each[part])) &&
    (each['approval'] === null || isObject(each['approval']));
  return environments.every(isKnown) ? null : 'an environment is not as the spec has them';
}

function lastProblem(environments: unknown, to: unknown): string | null {
  const isThere = isList(environments) && environments.some((each) => isObject(each) && each['name'] === to);
  return isThere ? null : `the spec has no environment ${said(to)}`;
}

function requesterProblem({ requester, reason = null, noWait = false }: Fields): string | null {
  if (typeof noWait !== 'boolean') return `\`noWait\` is ${said(noWait)}, and must be true or false`;
  if (typeof requester !== 'string') return '`requester` must name the person';
  return personProblem(requester) ?? (reason === null || typeof reason === 'string' ? null : '`reason` is not text');
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !isList(value);
const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
const said = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'nothing';
