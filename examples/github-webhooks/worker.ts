/** A process that keeps the statistics. `node worker.ts <file>`; run as many as you like. It may be killed at any time. */
import { createService } from './service.ts';
import { createTable } from './statistics.ts';

const [path = 'github-webhooks.db'] = process.argv.slice(2);

const semel = createService(path);
await semel.transaction(({ tx }) => createTable(tx));
const running = await semel.start();
await running.untilSignal();
