import { SemelError } from './errors.ts';

/** Whether two fingerprints of one identity are of different payloads. An empty one is unknown, and conflicts with none. */
export function conflicts(recorded: string, received: string): boolean {
  return recorded !== '' && received !== '' && recorded !== received;
}

/** The refusal of a payload whose identity belongs to another. @param how what was done with the other */
export function identityConflict(how: 'published' | 'handled', { source, id }: { readonly source: string; readonly id: string }, recorded: string, received: string): SemelError {
  return new SemelError('identity-conflict', `message ${id} of ${source} was ${how} with another payload: recorded fingerprint ${recorded}, received ${received}`, {
    details: { source, id, recorded, received },
  });
}
