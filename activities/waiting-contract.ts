/** Waiting for a source that others use; part of `contract.ts`. No slot is held meanwhile, and nothing is changed. */
export interface SourceWaiting {
  /** Until no other activity of the machine that builds uses the folder of the source. */
  awaitSource(request: { readonly inputs: string }): Promise<void>;
}

export interface ReleaseWaiting {
  /** The same where the commands of smoke and integration tests run. */
  awaitReleaseSource(request: { readonly inputs: string }): Promise<void>;
}
