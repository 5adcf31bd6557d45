import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Service } from '../../scripts/services/service.ts';
import { Unavailable } from './unavailable.ts';

/** The same Postgres, each of whose flushes takes a millisecond more. It takes a C compiler, and Linux, where its log is flushed by `fdatasync`. */
export function slowFlush(service: Service): Service {
  return {
    ...service,
    start: async (site) => {
      const library = await compiled(site.folder);
      process.env['LD_PRELOAD'] = library; // a service's environment is that of who starts it
      try {
        return await service.start(site);
      } finally {
        delete process.env['LD_PRELOAD'];
      }
    },
  };
}

async function compiled(folder: string): Promise<string> {
  if (process.platform !== 'linux') throw new Unavailable('a slow flush can be had on Linux alone');
  const library = join(folder, 'slow-flush.so');
  try {
    await promisify(execFile)('cc', ['-O2', '-shared', '-fPIC', '-o', library, join(import.meta.dirname, 'slow-flush.c'), '-ldl']);
  } catch (cause) {
    throw new Unavailable('a slow flush takes a C compiler: apt install gcc libc6-dev', { cause });
  }
  chmodSync(library, 0o755);
  return library;
}
