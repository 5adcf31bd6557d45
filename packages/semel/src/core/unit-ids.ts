import type { Runtime } from './runtime.ts';

/** Names units of work: unique across processes, cheap, and the same again under a seeded runtime. */
export function unitIds(runtime: Runtime): () => string {
  const prefix = `${runtime.clock.now().toString(36)}-${Math.floor(runtime.random() * 2 ** 52).toString(36)}`;
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}
