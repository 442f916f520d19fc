/** Which static files are worth a compressed copy. */

/** Below this, the compressed answer saves less than its headers cost. */
export const LEAST_BYTES = 1024;

/** Extensions of types that compress well; images, fonts (woff2) and media are compressed already. */
const EXTENSIONS = new Set(
  'html htm css js mjs cjs json map svg xml txt md csv tsv wasm webmanifest manifest ico eot ttf otf rss atom geojson ics vtt'.split(
    ' ',
  ),
);

/** Whether a file of that path and size gets a gzip and a brotli copy beside it. */
export function isCompressible(path: string, bytes: number): boolean {
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return bytes > LEAST_BYTES && EXTENSIONS.has(extension);
}
