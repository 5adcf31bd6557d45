import type { Client } from 'pg';
import { serve, timed } from '../../processes/program.ts';
import { connected, insertHandled, insertOutbox, insertPayment } from '../tables.ts';
import { fillQueue, lease, type Queued, removeLeased } from '../yardstick-queue.ts';

const CONNECTIONS = 8;
const LEASED = 200;

/** Leases more when half of what was leased is gone. */
class Leases {
  readonly #client: Client;
  readonly #ready: Queued[] = [];
  #more: Promise<void> | undefined;
  #empty = false;

  constructor(client: Client) {
    this.#client = client;
  }

  async next(): Promise<Queued | undefined> {
    for (;;) {
      if (this.#ready.length < LEASED / 2 && !this.#empty) this.#more ??= this.#lease();
      const message = this.#ready.shift();
      if (message !== undefined || this.#empty) return message;
      await this.#more;
    }
  }

  async #lease(): Promise<void> {
    const leased = await lease(this.#client, LEASED);
    this.#ready.push(...leased);
    this.#empty = leased.length === 0;
    this.#more = undefined;
  }
}

async function drain(client: Client, leases: Leases): Promise<void> {
  for (let message = await leases.next(); message !== undefined; message = await leases.next()) await handle(client, message);
}

async function handle(client: Client, message: Queued): Promise<void> {
  const [, , { rowCount }] = await Promise.all([client.query('begin'), client.query(removeLeased(message)), client.query(insertHandled(message))]);
  if (rowCount === 1) {
    await client.query(insertPayment(message)); // the user's handler awaits it
    await Promise.all([client.query(insertOutbox(message)), client.query('commit')]);
  } else await client.query('commit');
}

/** The yardstick with a transaction for each message: 200 are leased at once, and each is handled in three round trips. */
await serve({
  prepare: ({ url, first, count }) => fillQueue(url, first, count),
  run: async ({ url, count }) => {
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(url, { pipeline: true })));
    const leases = new Leases(await connected(url));
    return timed(await connected(url), count, () => Promise.all(clients.map((client) => drain(client, leases))));
  },
});
