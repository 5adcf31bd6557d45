import { askSqs } from './elasticmq.ts';
import { launchPython } from './python-tree.ts';
import type { Server, Service, Site } from './service.ts';

const VERSION = '5.2.5';

/** A moto as a server, which speaks SNS and SQS among much else; what it holds is in memory. Its address is an endpoint for the AWS SDK, with any credentials. */
export function moto(name: string): Service {
  return { name, needs: [], stopSignal: 'SIGKILL', start, ask: askSqs };
}

async function start(site: Site): Promise<Server> {
  const { port } = site;
  const packages = [`moto==${VERSION}`, 'flask', 'flask-cors'];
  const pid = await launchPython({ name: `moto-${VERSION}`, packages, asOf: '2026-11-01', module: ['moto.server', '-H', '127.0.0.1', '-p', String(port)] }, site);
  return { pid, url: `http://127.0.0.1:${port}` };
}
