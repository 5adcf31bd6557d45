/**
 * Resolves once everything that can run without time passing has run. Built on what Node promises of `process.nextTick`: it comes after the
 * last microtask, those included that microtasks make. So a turn of the explorer costs no trip through the event loop.
 */
export function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
