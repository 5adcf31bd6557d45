import { fauxqs } from '../../../../scripts/services/fauxqs.ts';
import { OwnServer, startOwn } from '../../../../scripts/services/own-server.ts';

/** An emulator of SQS and SNS for one test, to be killed: what it has taken outlives it. */
export class OwnFauxqs extends OwnServer {
  static async start(): Promise<OwnFauxqs> {
    return new OwnFauxqs(await startOwn(fauxqs('own-fauxqs', true)));
  }
}
