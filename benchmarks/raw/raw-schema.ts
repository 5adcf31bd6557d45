import { sqliteSchemaSql } from 'semel/sqlite';
import { BUSINESS_TABLE } from '../business.ts';

/** The tables of Semel and the user's, with the subscriptions that a service would join: 1 is the consumer, 2 the route of receipts. */
export function semelSchema(consumerKind: 'local' | 'remote'): string {
  return `${sqliteSchemaSql()};
    insert into semel_subscriptions (name, kind, topic, ordered, taken_seq, joined_at_ms, seen_at_ms)
      values ('payments', '${consumerKind}', 'orders', 0, 0, 0, 0), ('receipts>broker', 'route', 'receipts', 1, 0, 0, 0);
    ${BUSINESS_TABLE}`;
}
