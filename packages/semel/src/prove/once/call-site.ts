import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The library's own folder, in source or as built: wherever this file ends up in it. */
const [LIBRARY] = /^.*[\\/](?:src|dist)[\\/]/.exec(import.meta.filename) ?? [import.meta.filename];
const FRAMES = 50;

/** The line of the user's code from which the library was called: `src/payments.ts:14`; undefined where the stack does not tell. */
export function callSite(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack } = new Error('where');
  Error.stackTraceLimit = stackTraceLimit;
  return siteOf(stack);
}

/** The topmost line of a stack that is neither the library's nor a dependency's. */
export function siteOf(stack: string | undefined): string | undefined {
  for (const line of stack?.split('\n') ?? []) {
    const found = /^\s+at (?:.*\()?((?:file:\/\/)?[^()\s][^()]*):(\d+):\d+\)?$/.exec(line);
    const path = found?.[1] === undefined ? undefined : pathOf(found[1]);
    if (path !== undefined) return `${relative(process.cwd(), path)}:${found?.[2]}`;
  }
  return undefined;
}

function pathOf(place: string): string | undefined {
  if (/^node:|^native$|^<anonymous>$/.test(place)) return undefined;
  const path = place.startsWith('file://') ? fileURLToPath(place) : place;
  return path.startsWith(LIBRARY) || path.includes(`${sep}node_modules${sep}`) ? undefined : path;
}
