/** For `catch`: `value` where there is no such file (ENOENT, ENOTDIR); any other error stays one. */
export const ifMissing =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };
