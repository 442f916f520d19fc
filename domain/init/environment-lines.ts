/** The environments of a suggested spec: staging, then production; production alone where two cannot run on one machine. */
import type { Tier } from '../words';
import type { Approvers } from './approvers';
import type { CodeSigns } from './code-signs';
import type { Package, ProjectFacts } from './facts';
import type { Start } from './start';
import { line, list, mapping, scalar } from './yaml-lines';

export interface Suggested {
  readonly app: string;
  readonly facts: ProjectFacts;
  readonly pkg: Package;
  readonly start: Start;
  readonly signs: CodeSigns;
}

export function environmentLines(suggested: Suggested): string[] {
  const { port } = suggested.signs;
  const tiers: Tier[] = port.kind === 'fixed' ? ['production'] : ['staging', 'production'];
  const why = port.kind === 'fixed' ? 'one only: the port is fixed in the code' : 'in the order of promotion';
  return [line(0, 'environments:', why), ...tiers.flatMap((tier) => environment(suggested, tier))];
}

function environment(suggested: Suggested, tier: Tier): string[] {
  const { facts, signs } = suggested;
  return [
    line(1, `${tier}:`),
    ...platform(suggested),
    line(
      2,
      `traffic: { kind: router, listen: 127.0.0.1:${listenPort(suggested, tier, facts)} }`,
      'where users reach it',
    ),
    ...configuration(suggested, tier),
    line(2, `health: { path: ${scalar(signs.health ?? '/')} }`, 'must be right before a release gets traffic'),
    line(
      2,
      'strategy: blue-green',
      'all traffic at once to a release that is complete and checked; the old one stays warm',
    ),
    line(
      2,
      `watch: { for: ${tier === 'production' ? '10m' : '5m'}, errors: 1%, response: 1s }`,
      'worse than this, and traffic goes back by itself',
    ),
    ...(tier === 'production' ? [approvalLine(facts.approvers ?? { kind: 'others' })] : []),
  ];
}

function approvalLine(approvers: Approvers): string {
  switch (approvers.kind) {
    case 'others':
      return line(2, 'approval: { needs: 1, deadline: 24h }', 'by somebody else than who asks for the deployment');
    case 'named':
      return line(
        2,
        `approval: { from: ${list(approvers.names)}, deadline: 24h }`,
        'never by who asks for the deployment',
      );
    case 'alone':
      return line(
        2,
        `approval: { from: ${list([approvers.name])}, requester: may, deadline: 24h }`,
        'as long as nobody else is there; then `from` names them, and `requester: may-not`',
      );
  }
}

/** Never the port that the application itself holds, and never one for both. */
function listenPort({ signs }: Suggested, tier: Tier, { ports }: ProjectFacts): number {
  const staging = ports.staging === ports.production ? ports.production + 1 : ports.staging;
  const own = signs.port.kind === 'fixed' ? signs.port.port : null;
  return tier === 'staging' || own === ports.production ? staging : ports.production;
}

function platform({ pkg, start, signs }: Suggested): string[] {
  const { port } = signs;
  return [
    line(2, 'platform:'),
    line(3, 'kind: process', 'on this machine'),
    line(3, `start: ${scalar(start.command)}`, start.why),
    line(
      3,
      `instances: ${port.kind === 'fixed' ? 1 : 2}`,
      port.kind === 'fixed' ? 'the port is fixed in the code' : 'copies side by side',
    ),
    ...(port.kind === 'fixed'
      ? [
          line(3, `port: ${port.port}`, 'fixed in the code'),
          line(3, 'singleton: true', 'the old release stops before the new one starts, with a gap'),
        ]
      : []),
    ...(port.kind === 'variable' && port.name !== 'PORT'
      ? [line(3, `port: { variable: ${port.name} }`, 'the variable that the source reads')]
      : []),
    ...(pkg.node !== null && /^[\sv\d.x*<>=^~|-]+$/.test(pkg.node) && /\d/.test(pkg.node)
      ? [line(3, `node: ${JSON.stringify(pkg.node)}`, '`engines` of package.json')]
      : []),
  ];
}

function configuration({ app, start, signs }: Suggested, tier: Tier): string[] {
  const port = signs.port.kind === 'variable' ? signs.port.name : 'PORT';
  const { secrets, requires, variables } = signs.variables;
  const isFree = (name: string): boolean => name !== port;
  const own = Object.entries({ NODE_ENV: 'production', ...variables, ...start.variables });
  const references = Object.fromEntries(
    secrets.filter(isFree).map((name) => [name, `secret://file/${app}/${tier}/${name}`]),
  );
  const given = Object.fromEntries(own.filter(([name]) => isFree(name) && !secrets.includes(name)));
  const missing = requires.filter((name) => isFree(name) && !Object.hasOwn(given, name));
  return [
    line(2, `variables: ${mapping(given)}`, 'text, exactly as written'),
    ...(Object.keys(references).length > 0
      ? [line(2, `secrets: ${mapping(references)}`, 'set by `mvca secrets set`')]
      : []),
    ...(missing.length > 0 ? [line(2, `requires: ${list(missing)}`, 'must have a value')] : []),
    ...(signs.database === null
      ? []
      : [line(2, `databases: { main: { url: $${signs.database} } }`, 'must be reachable before anything is changed')]),
  ];
}
