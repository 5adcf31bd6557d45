import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Service } from './service.ts';

/**
 * Compiles a C file into a library that a program can be started with, which comes between it and the system; its path.
 *
 * @throws Error with the reason where there is no compiler, or no Linux
 */
export async function compiled(source: string, folder: string): Promise<string> {
  if (process.platform !== 'linux') throw new Error('libraries come between programs and the system on Linux alone');
  const library = join(folder, `${basename(source, '.c')}.so`);
  try {
    await promisify(execFile)('cc', ['-O2', '-Wall', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  } catch (cause) {
    throw new Error('it takes a C compiler: apt install gcc libc6-dev', { cause });
  }
  chmodSync(library, 0o755);
  return library;
}

/** The same service, started with these variables of the environment, such as `LD_PRELOAD`. */
export function withVariables(service: Service, variablesFor: (folder: string) => Promise<Readonly<Record<string, string>>>): Service {
  return {
    ...service,
    start: async (site) => {
      const variables = await variablesFor(site.folder);
      const before = { ...process.env };
      Object.assign(process.env, variables); // a service's environment is that of who starts it
      try {
        return await service.start(site);
      } finally {
        for (const name of Object.keys(variables)) {
          if (before[name] === undefined) delete process.env[name];
          else process.env[name] = before[name];
        }
      }
    },
  };
}
