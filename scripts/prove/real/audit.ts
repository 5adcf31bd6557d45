import { type Effect, Findings } from '../../../packages/semel/test/crash/findings.ts';
import type { Reader } from '../../../packages/semel/test/crash/ledger.ts';
import { CONSUMER } from './steps.ts';

const OF_CONSUMER = `join {semel}subscriptions using (subscription_id) where name = '${CONSUMER}'`;

/** What plain SQL finds wrong where so many orders were placed and nothing is left to do: each is booked once and recorded once, and where it is kept, in its customer's order. */
export async function wrongIn(reader: Reader, orders: number, ordered: boolean): Promise<readonly string[]> {
  const findings = new Findings();
  const placed = Array.from({ length: orders }, (_, number) => `order-${number}`);
  const booked = await reader.all<Effect>('select order_id, customer_id, number from booked order by position');
  findings.once('placed', await idsOf(reader, 'select order_id as id from placed'), placed);
  if (ordered) findings.exactly('booked', booked, placed);
  else
    findings.once(
      'booked',
      booked.map((effect) => effect.order_id),
      placed,
    );
  findings.once(
    'records',
    await idsOf(reader, `select id from {semel}inbox ${OF_CONSUMER} and state = 'done'`),
    placed.map((id) => `${id}/placed`),
  );
  findings.none('dead letters', (await idsOf(reader, 'select id from {semel}dead_letters')).length);
  findings.none('left over', (await reader.all<{ n: number }>(reader.leftOver))[0]?.n ?? Number.NaN);
  return findings.faults;
}

async function idsOf(reader: Reader, sql: string): Promise<readonly string[]> {
  return (await reader.all<{ id: string }>(sql)).map(({ id }) => id);
}
