import { ownFleet } from '../../../../scripts/services/borrow.ts';
import type { Fleet } from '../../../../scripts/services/fleet.ts';
import { kafka } from '../../../../scripts/services/kafka.ts';
import type { Service } from '../../../../scripts/services/service.ts';

/** A Kafka of one test, for what nobody should do to the one that all share. */
export class OwnKafka implements AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly #fleet: Fleet;
  readonly #service: Service;

  private constructor(fleet: Fleet, service: Service, url: string) {
    this.#fleet = fleet;
    this.#service = service;
    this.url = url;
  }

  /** Starts one with these settings of `server.properties`; about four seconds. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<OwnKafka> {
    const fleet = await ownFleet();
    const service = kafka('own-kafka', settings);
    return new OwnKafka(fleet, service, await fleet.up(service));
  }

  /** Kills it; returns once it is dead. */
  async crash(): Promise<void> {
    await this.#fleet.kill(this.#service.name, 'SIGKILL');
  }

  /** Starts it again with its data, if it does not run; returns once it answers. */
  async restart(): Promise<void> {
    await this.#fleet.up(this.#service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }
}
