import { ownFleet } from '../../../../scripts/services/borrow.ts';
import type { Fleet } from '../../../../scripts/services/fleet.ts';
import { postgres } from '../../../../scripts/services/postgres.ts';
import type { Service } from '../../../../scripts/services/service.ts';

/** A Postgres of one test, for what nobody should do to the one that all share: kill it, restart it, change its settings. */
export class OwnPostgres implements AsyncDisposable {
  /** Stays the same over restarts. */
  readonly url: string;
  readonly #fleet: Fleet;
  readonly #service: Service;

  private constructor(fleet: Fleet, service: Service, url: string) {
    this.#fleet = fleet;
    this.#service = service;
    this.url = url;
  }

  /** Starts one with these settings of `postgresql.conf`; about half a second. `version` is one of npm's, the installed one by default. */
  static async start(settings: Readonly<Record<string, string>> = {}, version = 'installed'): Promise<OwnPostgres> {
    const fleet = await ownFleet();
    const service = postgres('own-postgres', version, settings);
    return new OwnPostgres(fleet, service, await fleet.up(service));
  }

  /** Stops it at once, as `pg_ctl stop -m immediate` does: no connection is told, no checkpoint is made. Returns once it is dead. */
  async crash(): Promise<void> {
    await this.#fleet.kill(this.#service.name, 'SIGQUIT');
  }

  /** Starts it again, if it does not run; returns once it has recovered and answers. */
  async restart(): Promise<void> {
    await this.#fleet.up(this.#service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.dissolve();
  }
}
