/** `secret://provider/path`: what stands for a secret everywhere but at the moment of use. */

export interface SecretReference {
  readonly provider: string;
  /** The parts of the path; at least one. */
  readonly path: readonly string[];
}

const FORM = /^secret:\/\/([a-z][a-z0-9-]*)\/(.+)$/;

/** null: it does not have the form `secret://provider/path`. */
export function parseSecretReference(text: string): SecretReference | null {
  const parts = FORM.exec(text);
  const path = parts?.[2]?.split('/') ?? [];
  if (parts?.[1] === undefined || path.includes('')) return null;
  return { provider: parts[1], path };
}
