import { ownFleet } from './borrow.ts';
import type { Fleet } from './fleet.ts';
import type { Service } from './service.ts';

/** A service in a fleet of nobody else's. */
export interface OwnService {
  readonly fleet: Fleet;
  readonly service: Service;
  readonly url: string;
}

/** Starts a service in a fleet of its own, which is dissolved where it cannot be had. */
export async function startOwn(service: Service): Promise<OwnService> {
  const fleet = await ownFleet();
  try {
    return { fleet, service, url: await fleet.up(service) };
  } catch (error) {
    await fleet.dissolve();
    throw error;
  }
}

/** A server for what nobody should do to the one that all share: kill it, restart it, change its settings. */
export class OwnServer implements AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  protected readonly fleet: Fleet;
  readonly #service: Service;

  constructor({ fleet, service, url }: OwnService) {
    this.url = url;
    this.fleet = fleet;
    this.#service = service;
  }

  /** Ends it at once, with everything that it has started: nobody is told. Returns once it is dead. */
  async crash(): Promise<void> {
    await this.fleet.kill(this.#service.name, this.#service.stopSignal);
  }

  /** Starts it again with its data, if it does not run; returns once it has recovered and answers. */
  async restart(): Promise<void> {
    await this.fleet.up(this.#service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.dissolve();
  }
}
