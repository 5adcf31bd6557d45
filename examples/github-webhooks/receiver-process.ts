/**
 * The process that GitHub talks to. `node receiver-process.ts <file or URL> <port> [<broker>]`, with the secrets in GITHUB_WEBHOOK_SECRETS, separated
 * by commas. It does not talk to the broker: what goes there waits in the database for a worker. It may be killed at any time: what it answered with 202 is on the disk.
 */
import { brokerAt } from './brokers/broker-at.ts';
import { statisticsAt } from './databases/statistics-at.ts';
import { createReceiver } from './receiver.ts';
import { createService } from './service.ts';

const [address = 'github-webhooks.db', port = '3000', broker] = process.argv.slice(2);
const secrets = (process.env.GITHUB_WEBHOOK_SECRETS ?? '').split(',').filter((secret) => secret !== '');

const statistics = await statisticsAt(address);
const semel = createService(statistics, (await brokerAt(broker))?.transport);
const server = createReceiver(semel, { secrets });
server.listen(Number(port), '127.0.0.1'); // TLS ends at the proxy in front

/** Answers what has arrived, then ends. */
const stop = () =>
  server.close(async () => {
    await semel.close();
    await statistics.close();
  });
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
