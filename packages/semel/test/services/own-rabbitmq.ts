import { OwnServer, type OwnService, startOwn } from '../../../../scripts/services/own-server.ts';
import { control, type RabbitmqSeries, rabbitmq } from '../../../../scripts/services/rabbitmq.ts';

const NAME = 'own-rabbitmq';

/** A RabbitMQ of one test. */
export class OwnRabbitmq extends OwnServer {
  readonly #series: RabbitmqSeries;

  private constructor(own: OwnService, series: RabbitmqSeries) {
    super(own);
    this.#series = series;
  }

  /** Starts one with these settings of `rabbitmq.conf`; about three seconds. */
  static async start(settings: Readonly<Record<string, string>> = {}, series: RabbitmqSeries = '4.0'): Promise<OwnRabbitmq> {
    return new OwnRabbitmq(await startOwn(rabbitmq(NAME, series, settings)), series);
  }

  /** Runs `rabbitmqctl`; what it printed. */
  control(...words: readonly string[]): Promise<string> {
    return control(this.#series, this.fleet.siteOf(NAME), ...words);
  }
}
