/** What the engine keeps of an application, whatever a spec says: the repository that it belongs to, its addresses, and who approves. */
import type { ApprovalSpec } from '../spec/spec';
import type { Address, Tier } from '../words';

/** Where an application's source lies. Without a remote the folder alone tells. */
export interface RepositoryId {
  /** Host and path of `origin`, without scheme, user and `.git`; null: there is none. */
  readonly remote: string | null;
  /** Folder of the application within the repository; empty: its top, or no repository. */
  readonly path: string;
  /** Canonical folder of the application on the machine that builds. */
  readonly folder: string;
}

export interface KeptEnvironment {
  readonly environment: Tier;
  /** null: nobody is asked. */
  readonly approval: ApprovalSpec | null;
  readonly addresses: readonly Address[];
  /** ISO. */
  readonly since: string;
  readonly by: string;
}

export interface KeptPolicy {
  readonly app: string;
  readonly repository: RepositoryId | null;
  /** ISO. */
  readonly since: string;
  readonly by: string;
  readonly environments: readonly KeptEnvironment[];
}

/** What a request wants of an environment. */
export interface Claim {
  readonly environment: Tier;
  readonly approval: ApprovalSpec | null;
  readonly addresses: readonly Address[];
}

/** An address that some application keeps. */
export interface KeptAddress extends Address {
  readonly app: string;
  readonly environment: Tier;
}

/** How a request stands to what is kept. */
export type Admission =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'admitted';
      /** The policy that applies in each environment: never weaker than the kept one. */
      readonly approvals: readonly { readonly environment: Tier; readonly approval: ApprovalSpec | null }[];
      /** Where the spec asks for less than what is kept, in words. */
      readonly weaker: readonly string[];
      /** What this run was the first to say, in words. */
      readonly recorded: readonly string[];
      /** Whether heads of the audit log are written down elsewhere; missing: they may be. */
      readonly anchored?: boolean;
    };
