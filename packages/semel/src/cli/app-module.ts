import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SemelError } from '../core/errors.ts';
import { reasonOf } from '../core/reason-of.ts';
import type { Semel } from '../semel.ts';

/**
 * What `createSemel` returned, of all that a module exports. Importing it runs the module: it is to declare, and to start nothing.
 *
 * @param path of a JavaScript module, or of a TypeScript one where this Node.js strips types
 * @throws SemelError `app-unusable` where it cannot be imported, or exports none
 */
export async function servicesOf(path: string): Promise<readonly Semel[]> {
  const services = Object.values(await importFrom(path)).filter(isSemel);
  if (services.length === 0) throw new SemelError('app-unusable', `${path} exports nothing that createSemel returned; it needs an \`export const semel = createSemel({ … })\``);
  return [...new Set(services)];
}

/** All that a module exports. @throws SemelError `app-unusable` where it cannot be imported */
export async function importFrom(path: string): Promise<object> {
  try {
    return (await import(addressOf(path))) as object;
  } catch (cause) {
    throw new SemelError('app-unusable', `${path} cannot be imported: ${reasonOf(cause)}`, { cause });
  }
}

/** The `file:` address of a module. */
export function addressOf(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

/** By its shape: the module may have its own copy of the package. */
function isSemel(value: unknown): value is Semel {
  return typeof value === 'object' && value !== null && 'explain' in value && typeof value.explain === 'function' && 'consumers' in value;
}
