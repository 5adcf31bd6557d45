import { OwnServer, startOwn } from '../../../../scripts/services/own-server.ts';
import { postgres } from '../../../../scripts/services/postgres.ts';

/** A Postgres of one test. Its crash is that of `pg_ctl stop -m immediate`: no connection is told, no checkpoint is made. */
export class OwnPostgres extends OwnServer {
  /** Starts one with these settings of `postgresql.conf`; about half a second. `version` is one of npm's, the installed one by default. */
  static async start(settings: Readonly<Record<string, string>> = {}, version = 'installed'): Promise<OwnPostgres> {
    return new OwnPostgres(await startOwn(postgres('own-postgres', version, settings)));
  }
}
