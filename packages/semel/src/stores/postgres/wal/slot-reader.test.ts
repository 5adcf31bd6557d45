import { Client } from 'pg';
import * as replication from 'pg-logical-replication';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OwnPostgres } from '../../../../test/services/own-postgres.ts';
import { systemRuntime } from '../../../core/runtime.ts';
import type { OpenCommit } from './confirmation.ts';
import type { ReplicationClient } from './replication.ts';
import { ensureSlot } from './slot.ts';
import { SlotReader } from './slot-reader.ts';

interface Read {
  readonly id: number;
  /** Lets its commit be confirmed. */
  readonly done: () => void;
}

const slot = 'slot_of_a_reader';

describe('a reader of a slot', () => {
  /** To make a slot a server waits for every transaction that is open, in whatever database. */
  let server: OwnPostgres;
  let one: Client;
  let other: Client;

  beforeAll(async () => {
    server = await OwnPostgres.start();
    [one, other] = [new Client({ connectionString: server.url }), new Client({ connectionString: server.url })];
    await Promise.all([one.connect(), other.connect()]);
    await one.query('create table sent (id int); create publication sent for table sent');
    expect(await ensureSlot(one, slot, false)).toMatchObject({ fate: 'made' });
  });

  afterAll(async () => {
    await Promise.all([one.end(), other.end()]);
    await server[Symbol.asyncDispose]();
  });

  /** Reads until `count` rows have come, does with them as it is told, confirms that, and lets go of the slot. */
  async function read(count: number, settle: (rows: readonly Read[]) => unknown): Promise<readonly number[]> {
    const rows: Read[] = [];
    const all = Promise.withResolvers<void>();
    const connected = (client: ReplicationClient) => ensureSlot(client, slot, false).then(({ lsn }) => lsn);
    const inserted = (row: Readonly<Record<string, unknown>>, commit: OpenCommit) => void rows.push({ id: Number(row['id']), done: commit.hold() });
    const committed = () => rows.length >= count && all.resolve();
    const address = { module: replication, connection: { connectionString: server.url }, slot, publication: 'sent' };
    const reader = new SlotReader(address, { connected, started: () => {}, inserted, committed }, systemRuntime);
    const reading = reader.read();
    await Promise.race([all.promise, reading]);
    settle(rows);
    reader.confirm();
    await one.query('select pg_sleep(0.05)'); // the server takes the confirmation in
    reader.close();
    await reading;
    await released();
    return rows.map(({ id }) => id);
  }

  /** A slot is in use until the server has seen its reader go. */
  async function released(): Promise<void> {
    while ((await one.query('select from pg_replication_slots where slot_name = $1 and active', [slot])).rowCount) await one.query('select pg_sleep(0.01)');
  }

  /** Two transactions whose commit records stand side by side in the log. */
  async function commitSideBySide(first: number, second: number): Promise<void> {
    for (const [client, id] of [
      [one, first],
      [other, second],
    ] as const) {
      await client.query('begin');
      await client.query('insert into sent values ($1)', [id]);
    }
    await one.query('commit');
    await other.query('commit');
  }

  test('what was not let go comes again, and what was does not, to the last commit', async () => {
    for (let pair = 1; pair < 10; pair += 2) {
      await commitSideBySide(pair, pair + 1);
      expect(await read(2, ([first]) => first?.done())).toEqual([pair, pair + 1]);
      expect(await read(1, (rows) => rows.at(-1)?.done())).toEqual([pair + 1]);
    }
  });

  test('what is let go out of turn waits for what came before it', async () => {
    await commitSideBySide(21, 22);
    expect(await read(2, ([, second]) => second?.done())).toEqual([21, 22]);
    expect(await read(2, (rows) => rows.map(({ done }) => done()))).toEqual([21, 22]);
    await one.query('insert into sent values (23)');
    expect(await read(1, () => {})).toEqual([23]);
  });
});
