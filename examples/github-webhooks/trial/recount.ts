import type { Statistic } from '../statistics.ts';
import { subjectOf } from '../subject.ts';
import type { Recorded } from './recorded.ts';

/** What the statistics must be, counted without a database, a queue or a retry: each distinct delivery once. */
export function recount(recorded: readonly Recorded[]): readonly Statistic[] {
  const distinct = new Map(recorded.map((one) => [one.delivery, one]));
  const statistics = new Map<string, Statistic>();
  for (const { event, body } of distinct.values()) {
    const subject = subjectOf(JSON.parse(body.toString()));
    const name = JSON.stringify([subject, event]);
    const { deliveries, bytes } = statistics.get(name) ?? { deliveries: 0, bytes: 0 };
    statistics.set(name, { subject, event, deliveries: deliveries + 1, bytes: bytes + body.length });
  }
  return [...statistics.values()].sort((a, b) => compare(a.subject, b.subject) || compare(a.event, b.event));
}

/** As the databases order ASCII text. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
