import { createSemel, type Semel, type Transport, topic } from 'semel';
import { gitHubDelivery } from './schema.ts';
import type { Statistics } from './statistics.ts';

/** GitHub's deliveries: each once under its GUID, in order per repository. */
export const deliveries = topic('deliveries', { schema: gitHubDelivery, id: ({ delivery }) => delivery, key: ({ subject }) => subject });

/**
 * Shorter than the default of 30 seconds: here workers are killed on purpose, and what one of them held should not keep the others
 * waiting for long. A worker that lives extends its leases in time, whatever their length.
 */
const LEASE_MS = 2_000;

/**
 * The service on one database. Receivers publish with it, workers start it; any number of both may share the database. What is published waits there for the
 * workers, or, where there is a transport, for one of them to send it to the broker, from where all of them take it.
 */
export function createService<Tx>(statistics: Statistics<Tx>, transport?: Transport): Semel<Tx> {
  const routes = transport && { [deliveries.name]: transport };
  const semel = createSemel({ name: 'github-webhooks', store: statistics.store, ...(routes && { routes }), relay: { leaseMs: LEASE_MS } });
  semel.consume(deliveries, { name: 'statistics', order: 'key', leaseMs: LEASE_MS }, ({ message, tx }) => statistics.add(tx, message.data));
  return semel;
}
