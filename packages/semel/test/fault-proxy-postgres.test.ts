import { Client, Pool } from 'pg';
import { type FaultProxy, faultProxy, type RequestFault } from 'semel/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { describeWith } from './services/describe-with.ts';
import { database, type TestDatabase } from './services/postgres.ts';

/** How `pg` sends it: the text of a simple query ends with a zero byte. */
const COMMIT = 'commit\0';
/** The tag with which the server completes it. */
const COMMITTED = 'COMMIT\0';
const ROUNDS = 20;

describeWith('postgres', 'the fault proxy before Postgres', () => {
  let db: TestDatabase;
  let direct: Client;
  let proxy: FaultProxy;
  let url: string;

  beforeAll(async () => {
    db = await database();
    direct = new Client({ connectionString: db.url });
    await direct.connect();
    await direct.query('create table charges (id text primary key)');
  });
  afterAll(async () => {
    await direct.end();
    await db.drop();
  });

  beforeEach(async () => {
    const address = new URL(db.url);
    proxy = await faultProxy({ to: { host: address.hostname, port: Number(address.port) } });
    address.host = `${proxy.host}:${proxy.port}`;
    url = address.href;
  });
  afterEach(async () => {
    await proxy.close();
    expect(proxy.connections).toBe(0);
  });

  /** A client by way of the proxy, in a transaction that has inserted `id`. */
  async function inTransaction(id: string): Promise<Client> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    await client.query('begin');
    await client.query('insert into charges (id) values ($1)', [id]);
    return client;
  }

  const isCommitted = async (id: string) => (await direct.query('select from charges where id = $1', [id])).rowCount === 1;
  const once = (fault: RequestFault) => proxy.once({ signal: AbortSignal.timeout(10_000), ...fault });
  const nothingIsOpen = () => vi.waitFor(() => expect(proxy.connections).toBe(0), { timeout: 10_000, interval: 1 });

  test(`COMMIT's reply is cut ${ROUNDS} times: the client has an error, the row is committed`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const client = await inTransaction(`reply ${round}`);
      const cut = once({ request: COMMIT, then: 'cut-reply' });
      await expect(client.query('commit')).rejects.toThrow();
      await cut;
      expect(await isCommitted(`reply ${round}`)).toBe(true);
    }
  });

  test(`the client is cut right after its COMMIT ${ROUNDS} times: an error, and once the server has answered the row is committed`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const client = await inTransaction(`after ${round}`);
      const cut = once({ request: COMMIT, then: 'cut-after-request' });
      await expect(client.query('commit')).rejects.toThrow();
      await cut;
      await nothingIsOpen();
      expect(await isCommitted(`after ${round}`)).toBe(true);
    }
  });

  test(`the client is cut before its COMMIT ${ROUNDS} times: the same error, and no row`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const client = await inTransaction(`before ${round}`);
      const cut = once({ request: COMMIT, then: 'cut-before-request' });
      await expect(client.query('commit')).rejects.toThrow();
      await cut;
      await nothingIsOpen(); // Postgres closes its side when it has rolled back
      expect(await isCommitted(`before ${round}`)).toBe(false);
    }
  });

  test('the reply is held: the client waits for what is committed', async () => {
    const client = await inTransaction('held');
    const held = once({ request: COMMIT, then: 'hold-reply' });
    const answered = vi.fn();
    const commit = client.query('commit').then(answered);
    await held;
    expect(await isCommitted('held')).toBe(true);
    await direct.query('select pg_sleep(0.03)');
    expect(answered).not.toHaveBeenCalled();
    proxy.release();
    await commit;
    expect(answered).toHaveBeenCalledWith(expect.objectContaining({ command: 'COMMIT' }));
    await client.end();
  });

  test('a COMMIT in one segment with what goes before it', async () => {
    const client = new Client({ connectionString: url, pipeline: true } as never);
    client.on('error', () => {});
    await client.connect();
    const cut = once({ request: COMMIT, then: 'cut-reply', reply: COMMITTED });
    const results = await Promise.allSettled([client.query('begin'), client.query(`insert into charges values ('pipelined')`), client.query('commit')]);
    await cut;
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await isCommitted('pipelined')).toBe(true);
  });

  test('a prepared COMMIT is matched up to its Sync', async () => {
    const client = await inTransaction('prepared');
    const cut = once({ request: /commit\0.*S\0{3}./s, then: 'cut-reply', reply: COMMITTED });
    await expect(client.query({ name: 'commit', text: 'commit' })).rejects.toThrow();
    await cut;
    expect(await isCommitted('prepared')).toBe(true);
  });

  test('a delay is in every round trip', async () => {
    const client = await inTransaction('late');
    proxy.delay(25);
    const startMs = performance.now();
    await client.query('commit');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(50);
    await client.end();
  });

  test('a pool finds no server while the network is cut, and finds it again', async () => {
    const pool = new Pool({ connectionString: url });
    pool.on('error', () => {});
    await pool.query('select 1');
    proxy.cut();
    await expect(pool.query('select 1')).rejects.toThrow();
    await expect(pool.query('select 1')).rejects.toThrow();
    proxy.pass();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    await nothingIsOpen();
  });
});
