import { HOME_IN_TREE } from './debian-tree.ts';
import { askSqs } from './elasticmq.ts';
import { launchPython } from './python-tree.ts';
import type { Server, Service, Site } from './service.ts';

/** The last that runs without an account. */
const VERSION = '4.14.0';
const RELEASED = '2026-03-05';

/** A LocalStack, which speaks SNS and SQS among much else; what it holds is in memory. Its address is an endpoint for the AWS SDK, with any credentials. */
export function localstack(name: string): Service {
  return { name, needs: [], stopSignal: 'SIGKILL', start, ask: askSqs };
}

async function start(site: Site): Promise<Server> {
  const address = `127.0.0.1:${site.port}`;
  const variables = {
    OVERRIDE_IN_DOCKER: '0', // or it writes into folders of the system
    FILESYSTEM_ROOT: `${HOME_IN_TREE}/root`,
    GATEWAY_LISTEN: address,
    LOCALSTACK_HOST: address,
    SERVICES: 'sqs,sns',
    DNS_ADDRESS: '0',
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
  };
  const packages = [`localstack-core[runtime]==${VERSION}`, `localstack==${VERSION}`];
  const pid = await launchPython({ name: `localstack-${VERSION}`, packages, asOf: RELEASED, module: ['localstack.runtime.main'], variables }, site);
  return { pid, url: `http://${address}` };
}
