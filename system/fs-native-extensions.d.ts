/** What of `fs-native-extensions` is used; the package brings no types. */
declare module 'fs-native-extensions' {
  /**
   * Locks the whole open file by `F_OFD_SETLK`, without waiting. Answers false when another open file description holds it.
   * @param options.shared a read lock, which others may hold at the same time.
   */
  export function tryLock(descriptor: number, options?: { readonly shared?: boolean }): boolean;
  export function unlock(descriptor: number): void;
}
