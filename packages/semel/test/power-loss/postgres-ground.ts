import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import { OwnServer, type OwnService, startOwn } from '../../../../scripts/services/own-server.ts';
import { postgres } from '../../../../scripts/services/postgres.ts';
import { withVariables } from '../../../../scripts/services/preloaded.ts';
import type { Loss } from './disk-image.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';
import type { Ground } from './ground.ts';

const NAME = 'forgetful-postgres';
const POLL_MS = 5;

/** After a power failure everything that is there is on the disk: to flush a thousand files one by one takes time alone. */
const SETTINGS = { recovery_init_sync_method: 'syncfs' };

/** A Postgres of one test, all of whose files are on a disk that forgets. */
export class PostgresGround extends OwnServer implements Ground {
  readonly variables: Readonly<Record<string, string>> = {}; // of who uses it: nobody but the server writes to the disk
  readonly #disk: { made?: ForgetfulDisk };

  private constructor(own: OwnService, disk: { made?: ForgetfulDisk }) {
    super(own);
    this.#disk = disk;
  }

  /** Starts one with these settings of `postgresql.conf`. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresGround> {
    const disk: { made?: ForgetfulDisk } = {};
    const service = withVariables(postgres(NAME, 'installed', { ...SETTINGS, ...settings }), async () => disk.made?.variables ?? {});
    return new PostgresGround(await startOwn(service), disk);
  }

  get store(): string {
    return this.url;
  }

  async begin(): Promise<void> {
    await this.#checkpoint();
    await this.crash();
    this.#disk.made = await ForgetfulDisk.of(this.#folder, (path) => path.endsWith('/pg_internal.init')); // a cache, written by stdio
    await this.restart();
  }

  async losePower(random: () => number, atNs: bigint): Promise<Loss> {
    const pid = this.#pid();
    await this.crash();
    const loss = this.#begun.losePower(random, atNs);
    while (existsSync(`/proc/${pid}`)) await setTimeout(POLL_MS); // a zombie still: the next server would find the number of its lock file in use
    await this.restart();
    return loss;
  }

  async unseen(): Promise<readonly string[]> {
    await this.crash();
    const paths = this.#begun.unseen();
    await this.restart();
    return paths;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    this.#disk.made?.[Symbol.dispose]();
  }

  get #folder(): string {
    return join(this.fleet.siteOf(NAME).folder, 'data');
  }

  #pid(): number {
    return Number(readFileSync(join(this.#folder, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
  }

  /** What is there is in the files, whatever the settings. */
  async #checkpoint(): Promise<void> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    await client.query('checkpoint');
    await client.end();
  }

  get #begun(): ForgetfulDisk {
    if (this.#disk.made === undefined) throw new Error('begin() comes first');
    return this.#disk.made;
  }
}
