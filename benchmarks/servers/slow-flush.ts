import { join } from 'node:path';
import { compiled, withVariables } from '../../scripts/services/preloaded.ts';
import type { Service } from '../../scripts/services/service.ts';
import { Unavailable } from './unavailable.ts';

/** The same Postgres, each of whose flushes takes a millisecond more. It takes a C compiler, and Linux, where its log is flushed by `fdatasync`. */
export function slowFlush(service: Service): Service {
  return withVariables(service, async (folder) => {
    try {
      return { LD_PRELOAD: await compiled(join(import.meta.dirname, 'slow-flush.c'), folder) };
    } catch (cause) {
      throw new Unavailable((cause as Error).message, { cause });
    }
  });
}
