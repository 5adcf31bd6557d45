import { ownFleet } from '../../../scripts/services/borrow.ts';
import type { Fleet } from '../../../scripts/services/fleet.ts';
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
export class OwnServer implements AsyncDisposable {
  /** Stays the same over restarts; its scheme tells which broker it is. */
  readonly address: string;
  readonly #fleet: Fleet;
  readonly #service: Service;

  private constructor(fleet: Fleet, service: Service, address: string) {
    this.#fleet = fleet;
    this.#service = service;
    this.address = address;
  }

  /** Gets it from a package registry where it is not there yet, and starts it. @throws MissingServer */
  static async start(transport: TransportName): Promise<OwnServer> {
    const [fleet, service] = [await ownFleet(), await SERVICES[transport]()];
    try {
      const url = await fleet.up(service);
      return new OwnServer(fleet, service, url.includes('://') ? url : `${transport}://${url}`);
    } catch (cause) {
      await fleet.dissolve();
      throw new MissingServer(`--transport ${transport}: its server cannot be started here: ${(cause as Error).message}`, { cause });
    }
  }

  /** Kills it with SIGKILL, and starts it again on what it has kept; returns once it answers. */
  async killAndRestart(): Promise<void> {
    await this.#fleet.kill(this.#service.name, 'SIGKILL');
    await this.#fleet.up(this.#service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }
}
