/**
 * A process that adds up orders in Kafka's transactions: `transaction-worker.ts <plan> [<boundary>#<count>]`. It kills itself at the order that kills, and at the
 * count-th lifecycle event of that name, if one is given; otherwise it works until its parent is gone.
 */
import { quietKafka } from './kafka.ts';
import { Pipe, type PipeTopics } from './pipe.ts';

/** What all processes of a test are told. */
export interface WorkerPlan {
  readonly address: string;
  readonly topics: PipeTopics;
  readonly transactionalId: string;
  /** The order that ends its process at every try. */
  readonly killer: string;
}

const [given, at] = process.argv.slice(2) as [string, string | undefined];
process.on('disconnect', () => process.exit(0));
const { address, topics, transactionalId, killer } = JSON.parse(given) as WorkerPlan;
const die = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise<void>(() => {});
};
const { semel } = new Pipe(quietKafka(address), topics, { transactionalId, sessionTimeoutMs: 1_000 }).sum(({ id }) => (id === killer ? die() : undefined), { group: { max: 5 } });
if (at !== undefined) {
  const [boundary, count] = at.split('#');
  let seen = 0;
  semel.observe(({ type }) => (type === boundary && ++seen === Number(count) ? die() : undefined));
}
const running = await semel.start();
await running.idle();
process.send?.('idle');
