import { join } from 'node:path';
import { askSqs } from './elasticmq.ts';
import { writableFolder } from './folders.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';

const START = join(import.meta.dirname, 'fauxqs-main.ts');

/**
 * A fauxqs, which speaks SNS and SQS; its address is an endpoint for the AWS SDK, with any credentials.
 *
 * @param durable whether what it holds outlives it
 */
export function fauxqs(name: string, durable = false): Service {
  return { name, needs: [], stopSignal: 'SIGKILL', start: (site) => start(site, durable), ask: askSqs };
}

async function start({ folder, port }: Site, durable: boolean): Promise<Server> {
  const options = { port, host: '127.0.0.1', logger: false, ...(durable ? { dataDir: writableFolder(join(folder, 'data')) } : {}) };
  const pid = launch(process.execPath, [START, JSON.stringify(options)], folder);
  return { pid, url: `http://127.0.0.1:${port}` };
}
