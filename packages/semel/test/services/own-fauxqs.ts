import { ownFleet } from '../../../../scripts/services/borrow.ts';
import { fauxqs } from '../../../../scripts/services/fauxqs.ts';
import type { Fleet } from '../../../../scripts/services/fleet.ts';

const service = fauxqs('own-fauxqs', true);

/** An emulator of SQS and SNS for one test, to be killed: what it has taken outlives it. */
export class OwnFauxqs implements AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly #fleet: Fleet;

  private constructor(fleet: Fleet, url: string) {
    this.#fleet = fleet;
    this.url = url;
  }

  static async start(): Promise<OwnFauxqs> {
    const fleet = await ownFleet();
    return new OwnFauxqs(fleet, await fleet.up(service));
  }

  /** Kills it; returns once it is dead. */
  async crash(): Promise<void> {
    await this.#fleet.kill(service.name, 'SIGKILL');
  }

  /** Starts it again; returns once it answers. */
  async restart(): Promise<void> {
    await this.#fleet.up(service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }
}
