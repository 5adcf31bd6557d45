import { OwnServer, type OwnService, startOwn } from '../scripts/services/own-server.ts';
import type { Service } from '../scripts/services/service.ts';

/** The brokers that have a server. */
export const TRANSPORTS = ['kafka', 'rabbitmq', 'sqs'] as const;

/** The name of a broker that has a server. */
export type TransportName = (typeof TRANSPORTS)[number];

/** The server of a broker could not be had on this machine. */
export class MissingServer extends Error {}

/** For SQS an emulator. One that is killed is a fauxqs, for ElasticMQ keeps its messages in memory; ElasticMQ takes every character that SQS does. */
const SERVICES: Readonly<Record<TransportName, (durable: boolean) => Promise<Service>>> = {
  kafka: async () => (await import('../scripts/services/kafka.ts')).kafka('example-kafka'),
  rabbitmq: async () => (await import('../scripts/services/rabbitmq.ts')).rabbitmq('example-rabbitmq', '4.0'),
  sqs: async (durable) =>
    durable ? (await import('../scripts/services/fauxqs.ts')).fauxqs('example-sqs', true) : (await import('../scripts/services/elasticmq.ts')).elasticmq('example-sqs'),
};

/** A broker's server for one run of an example. */
export class OwnBroker extends OwnServer {
  /** Its scheme tells which broker it is. */
  readonly address: string;

  private constructor(own: OwnService, transport: TransportName) {
    super(own);
    this.address = own.url.includes('://') ? own.url : `${transport}://${own.url}`;
  }

  /**
   * Gets it from a package registry where it is not there yet, and starts it.
   *
   * @param durable whether what it holds has to outlive it
   * @throws MissingServer
   */
  static async start(transport: TransportName, durable: boolean): Promise<OwnBroker> {
    const service = await SERVICES[transport](durable);
    const own = await startOwn(service).catch((cause: Error) => {
      throw new MissingServer(`--transport ${transport}: its server cannot be started here: ${cause.message}`, { cause });
    });
    return new OwnBroker(own, transport);
  }

  /** Kills it, and starts it again on what it has kept; returns once it answers. */
  async killAndRestart(): Promise<void> {
    await this.crash();
    await this.restart();
  }
}
