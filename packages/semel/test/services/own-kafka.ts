import { kafka } from '../../../../scripts/services/kafka.ts';
import { OwnServer, startOwn } from '../../../../scripts/services/own-server.ts';

/** A Kafka of one test. */
export class OwnKafka extends OwnServer {
  /** Starts one with these settings of `server.properties`; about four seconds. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<OwnKafka> {
    return new OwnKafka(await startOwn(kafka('own-kafka', settings)));
  }
}
