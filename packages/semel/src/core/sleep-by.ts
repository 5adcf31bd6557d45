/** A scheduler's `sleep`, made of its `after`. */
export function sleepBy(after: (ms: number, callback: () => void) => () => void, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = after(ms, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
