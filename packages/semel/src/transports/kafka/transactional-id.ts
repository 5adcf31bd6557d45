import { randomUUID } from 'node:crypto';

/** A transactional id that no other process has. */
export function idOfThisProcess(): string {
  return `semel-${randomUUID()}`;
}
