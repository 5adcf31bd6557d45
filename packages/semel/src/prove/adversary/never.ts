/** What the dead wait for: one of its own for each, for what waits for a promise is kept as long as that. */
export function never(): Promise<void> {
  return new Promise(() => {});
}
