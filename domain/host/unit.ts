/**
 * A process that lives on a machine that serves: a router or a runner. Units are files in `host/units/`; the keeper starts
 * every wanted one that is not running, within a second, and ends when none is wanted. Every unit revives a dead keeper.
 */
export const UNIT_KINDS = ['router', 'runner'] as const;
export type UnitKind = (typeof UNIT_KINDS)[number];

export interface Unit {
  readonly format: 1;
  readonly kind: UnitKind;
  /** `router.<app>.<environment>` or `runner.<app>.<environment>.<release>`. */
  readonly name: string;
  /** The unit's own folder; it holds `table.json` or `release.json`, `unit.log` and, while it runs, `unit.pid`. */
  readonly directory: string;
  /** The program: `dist/host/<kind>/main.js` of the installed package. */
  readonly main: string;
}
