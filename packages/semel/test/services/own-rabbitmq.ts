import { ownFleet } from '../../../../scripts/services/borrow.ts';
import type { Fleet } from '../../../../scripts/services/fleet.ts';
import { control, type RabbitmqSeries, rabbitmq } from '../../../../scripts/services/rabbitmq.ts';
import type { Service } from '../../../../scripts/services/service.ts';

/** A RabbitMQ of one test, for what nobody should do to the one that all share: kill it, restart it, take its memory away. */
export class OwnRabbitmq implements AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly #fleet: Fleet;
  readonly #service: Service;
  readonly #series: RabbitmqSeries;

  private constructor(fleet: Fleet, service: Service, series: RabbitmqSeries, url: string) {
    this.#fleet = fleet;
    this.#service = service;
    this.#series = series;
    this.url = url;
  }

  /** Starts one with these settings of `rabbitmq.conf`; about three seconds. */
  static async start(settings: Readonly<Record<string, string>> = {}, series: RabbitmqSeries = '4.0'): Promise<OwnRabbitmq> {
    const fleet = await ownFleet();
    const service = rabbitmq('own-rabbitmq', series, settings);
    return new OwnRabbitmq(fleet, service, series, await fleet.up(service));
  }

  /** Kills it with everything that it has started; returns once it is dead. */
  async crash(): Promise<void> {
    await this.#fleet.kill(this.#service.name, 'SIGKILL');
  }

  /** Starts it again, if it does not run; returns once it has recovered and answers. */
  async restart(): Promise<void> {
    await this.#fleet.up(this.#service);
  }

  /** Runs `rabbitmqctl`; what it printed. */
  control(...words: readonly string[]): Promise<string> {
    return control(this.#series, this.#fleet.siteOf(this.#service.name), ...words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }
}
