/** A process that keeps the totals until its parent is gone: `worker.ts <address of a broker> <state>`. It is there to be killed. */
import { Kafka, logLevel } from 'kafkajs';
import { type State, worker } from './service.ts';

const [address, state] = process.argv.slice(2) as [string, string];
process.on('disconnect', () => process.exit(0));
const starting = worker(new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }), JSON.parse(state) as State).start();
process.on('message', async () => {
  await (await starting).idle();
  process.send?.('idle');
});
await starting;
