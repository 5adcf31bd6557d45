import { OwnServer, type OwnService, startOwn } from '../../../scripts/services/own-server.ts';
import type { Service } from '../../../scripts/services/service.ts';

/** The brokers that have a server, which is to be killed. */
export const TRANSPORTS = ['kafka', 'rabbitmq', 'sqs'] as const;

/** The name of a broker that has a server. */
export type TransportName = (typeof TRANSPORTS)[number];

/** The server of a broker could not be had on this machine. */
export class MissingServer extends Error {}

/** For SQS a fauxqs: ElasticMQ keeps its messages in memory, and loses them with its process. */
const SERVICES: Readonly<Record<TransportName, () => Promise<Service>>> = {
  kafka: async () => (await import('../../../scripts/services/kafka.ts')).kafka('demo-kafka'),
  rabbitmq: async () => (await import('../../../scripts/services/rabbitmq.ts')).rabbitmq('demo-rabbitmq', '4.0'),
  sqs: async () => (await import('../../../scripts/services/fauxqs.ts')).fauxqs('demo-sqs', true),
};

/** A broker's server for one run of the demo. */
export class DemoServer extends OwnServer {
  /** Its scheme tells which broker it is. */
  readonly address: string;

  private constructor(own: OwnService, transport: TransportName) {
    super(own);
    this.address = own.url.includes('://') ? own.url : `${transport}://${own.url}`;
  }

  /** Gets it from a package registry where it is not there yet, and starts it. @throws MissingServer */
  static async start(transport: TransportName): Promise<DemoServer> {
    const service = await SERVICES[transport]();
    const own = await startOwn(service).catch((cause: Error) => {
      throw new MissingServer(`--transport ${transport}: its server cannot be started here: ${cause.message}`, { cause });
    });
    return new DemoServer(own, transport);
  }

  /** Kills it, and starts it again on what it has kept; returns once it answers. */
  async killAndRestart(): Promise<void> {
    await this.crash();
    await this.restart();
  }
}
