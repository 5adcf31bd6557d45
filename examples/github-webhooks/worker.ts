/** A process that keeps the statistics. `node worker.ts <file or URL> [<broker>]`; run as many as you like. It may be killed at any time. */
import { brokerAt } from './brokers/broker-at.ts';
import { statisticsAt } from './databases/statistics-at.ts';
import { createService } from './service.ts';

const [address = 'github-webhooks.db', broker] = process.argv.slice(2);

const statistics = await statisticsAt(address);
const semel = createService(statistics, (await brokerAt(broker))?.transport);
await semel.transaction(({ tx }) => statistics.createTable(tx));
const running = await semel.start();
await running.untilSignal();
await statistics.close();
