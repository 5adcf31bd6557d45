import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 100;
const PATIENCE_MS = 20_000;

/** The broker may be away when a process starts, so that is tried for a while. Yours would end, and be started again. */
export async function persistently<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}
