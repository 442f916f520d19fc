/** The digest by which a signed statement names what is asked for. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical-json';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Of a JSON value; members that are undefined do not count. */
export const contentDigest = (content: unknown): string => `sha256:${sha256(canonicalJson(content))}`;
