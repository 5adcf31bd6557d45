import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { createSemel } from 'semel';
import { kafka } from 'semel/kafka';
import { kafkaTransactions } from 'semel/kafka-transactions';
import { sqlite } from 'semel/sqlite';
import { seededRandom } from 'semel/testing';
import { type Blows, Crew } from './crew.ts';
import { DEAD_LETTERS, type Payment, payments, type State, type Total, totals } from './service.ts';

/** What a trial is to do. */
export interface Plan {
  readonly state: State['kind'];
  readonly payments: number;
  readonly blows: number;
  readonly seed: number;
}

/** What came of it. */
export interface Result extends Blows {
  /** Totals that a plain recount has, and those that were found. */
  readonly expected: readonly Total[];
  readonly found: readonly Total[];
  readonly equal: boolean;
}

const WORKERS = 3;
const PARTITIONS = 4;
const ACCOUNTS = 12;
const BATCH = 20;

/** Publishes payments while workers are killed and frozen, and compares their totals with a plain recount. @param folder for files of the run */
export async function runTrial(address: string, folder: string, plan: Plan): Promise<Result> {
  const random = seededRandom(plan.seed);
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  await makeTopics(client);
  const path = join(folder, 'totals.db');
  const stateOf = (index: number): State => (plan.state === 'topic' ? { kind: 'topic', transactionalId: `totals-worker-${index}` } : { kind: 'database', path });
  const all = somePayments(plan.payments, random);
  const blows: Blows = { killed: 0, frozen: 0 };
  {
    using crew = new Crew(address, WORKERS, stateOf);
    await Promise.all([publish(client, all), strike(crew, plan.blows, random, blows)]);
    await crew.idle();
  }
  const found = plan.state === 'topic' ? await publishedTotals(client, folder) : storedTotals(path);
  const expected = plan.state === 'topic' ? runningTotals(all) : lastTotals(runningTotals(all));
  return { ...blows, expected, found, equal: JSON.stringify(sorted(found)) === JSON.stringify(sorted(expected)) };
}

async function makeTopics(client: Kafka): Promise<void> {
  const admin: Admin = client.admin();
  await admin.connect();
  const compacted = { topic: totals.name, numPartitions: PARTITIONS, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] };
  const topics = [{ topic: payments.name, numPartitions: PARTITIONS }, compacted, { topic: DEAD_LETTERS, numPartitions: 1 }];
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

function somePayments(count: number, random: () => number): readonly Payment[] {
  return Array.from({ length: count }, (_, index) => ({ id: `payment-${index}`, account: `account-${Math.floor(random() * ACCOUNTS)}`, cents: 1 + Math.floor(random() * 10_000) }));
}

/** Batch after batch, each in a transaction: what the brokers have taken they have once. */
async function publish(client: Kafka, all: readonly Payment[]): Promise<void> {
  const store = kafkaTransactions(client, { deadLetterTopic: DEAD_LETTERS });
  const bank = createSemel({ name: 'bank', store, routes: { payments: store.route() } });
  for (let begin = 0; begin < all.length; begin += BATCH) {
    await bank.transaction(async (inside) => {
      for (const payment of all.slice(begin, begin + BATCH)) await inside.publish(payments, payment);
    });
    await setTimeout(20);
  }
  await bank.close();
}

async function strike(crew: Crew, count: number, random: () => number, blows: Blows): Promise<void> {
  for (let struck = 0; struck < count; struck++) {
    await setTimeout(200 + random() * 700);
    await crew.strike(random, blows);
  }
}

/** Every total that is committed in the topic, by who reads it as any other service would. At-least-once keeps no record that could hide a second one. */
async function publishedTotals(client: Kafka, folder: string): Promise<readonly Total[]> {
  const found: Total[] = [];
  const recount = createSemel({ name: 'recount', store: sqlite(join(folder, 'recount.db')), routes: { totals: kafka(client) } });
  recount.consume(totals, { name: 'read', guarantee: 'at-least-once' }, ({ message }) => void found.push(message.data));
  const running = await recount.start();
  await running.idle();
  await running.stop();
  return found;
}

function storedTotals(path: string): readonly Total[] {
  using db = new DatabaseSync(path);
  return db.prepare('select account, payments, cents from totals').all() as unknown as readonly Total[];
}

/** What a plain loop makes of them: a total for each payment. */
function runningTotals(all: readonly Payment[]): readonly Total[] {
  const last = new Map<string, Total>();
  return all.map(({ account, cents }) => {
    const before = last.get(account);
    const total = { account, payments: (before?.payments ?? 0) + 1, cents: (before?.cents ?? 0) + cents };
    last.set(account, total);
    return total;
  });
}

function lastTotals(all: readonly Total[]): readonly Total[] {
  return [...new Map(all.map((total) => [total.account, total])).values()];
}

function sorted(all: readonly Total[]): readonly Total[] {
  return all
    .toSorted((a, b) => a.account.localeCompare(b.account) || a.payments - b.payments || a.cents - b.cents)
    .map(({ account, payments: count, cents }) => ({ account, payments: count, cents }));
}
