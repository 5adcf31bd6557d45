import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSemel, type Identity, type Semel } from 'semel';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sqliteStatistics } from './databases/sqlite.ts';
import { createReceiver } from './receiver.ts';
import { createService } from './service.ts';
import { sign } from './signature.ts';
import type { Statistics } from './statistics.ts';

const SECRET = 'secret';
const DELIVERY = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const BODY = '{ "zen": "Design for failure.", "repository": { "full_name": "octocat/hello-world" } }';
const MAX_BYTES = 100_000;

let folder: string;
let statistics: Statistics<SqliteTransaction>;
let semel: Semel<SqliteTransaction>;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'semel-receiver-'));
  statistics = sqliteStatistics(join(folder, 'test.db'));
  semel = createService(statistics);
  await semel.transaction(({ tx }) => statistics.createTable(tx));
  server = await listening(createReceiver(semel, { secrets: [SECRET, 'the next one'], maxBytes: MAX_BYTES }));
});

afterEach(async () => {
  server.close();
  await semel.close();
  rmSync(folder, { recursive: true });
});

async function listening(receiver: Server): Promise<Server> {
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  return receiver;
}

interface Change {
  readonly to?: Server;
  /** What is signed and, unless `init` says otherwise, sent. */
  readonly body?: string;
  readonly secret?: string;
  /** Replaces headers, or leaves out those that are undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly init?: RequestInit;
}

/** Sends a genuine delivery, but for what is changed. */
function send({ to = server, body = BODY, secret = SECRET, headers, init }: Change = {}): Promise<Response> {
  const genuine = {
    'Content-Type': 'application/json',
    'X-GitHub-Event': 'ping',
    'X-GitHub-Delivery': DELIVERY,
    'X-Hub-Signature-256': sign(Buffer.from(body), secret),
  };
  const present = Object.entries({ ...genuine, ...headers }).filter((header): header is [string, string] => header[1] !== undefined);
  return fetch(`http://127.0.0.1:${(to.address() as AddressInfo).port}`, { method: 'POST', body, headers: present, ...init });
}

/** What the statistics are once all that was stored is handled. */
async function counted(): Promise<readonly unknown[]> {
  const running = await semel.start();
  await running.idle();
  const all = await semel.transaction(({ tx }) => statistics.read(tx));
  await running.stop();
  return all;
}

test('a delivery is answered with 202 and counted', async () => {
  expect((await send()).status).toBe(202);
  expect(await counted()).toEqual([{ subject: 'octocat/hello-world', event: 'ping', deliveries: 1, bytes: BODY.length }]);
});

test('a redelivery is answered with 202, and counted once', async () => {
  const answers = await Promise.all([send(), send(), send()]);
  answers.push(await send());
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  expect(await counted()).toMatchObject([{ deliveries: 1 }]);
});

test('trap 24: the answer follows the commit', async () => {
  const [asked, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<Identity>()];
  const publish = () => {
    asked.resolve();
    return commit.promise;
  };
  const receiver = await listening(createReceiver({ publish }, { secrets: [SECRET] }));
  let answered = false;
  const answer = send({ to: receiver }).finally(() => {
    answered = true;
  });
  await asked.promise;
  await send({ to: receiver, init: { method: 'PUT' } }); // by the time that this is answered, the other would have been
  expect(answered).toBe(false);
  commit.resolve({ source: 'github-webhooks/deliveries', id: DELIVERY });
  expect((await answer).status).toBe(202);
  receiver.close();
});

test('trap 37: a body that was altered on its way is answered with 401, under each way to forge it', async () => {
  const forged = await Promise.all([
    send({ headers: { 'X-Hub-Signature-256': sign(Buffer.from(`${BODY} `), SECRET) } }),
    send({ secret: 'guessed' }),
    send({ headers: { 'X-Hub-Signature-256': 'sha256=' } }),
  ]);
  expect(forged.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(await counted()).toEqual([]);
});

test('trap 37: while a secret is replaced, both are valid', async () => {
  expect((await send({ secret: 'the next one' })).status).toBe(202);
});

test('a receiver without a secret, or with an empty one, is refused', () => {
  expect(() => createReceiver(semel, { secrets: [] })).toThrow(/at least one secret/);
  expect(() => createReceiver(semel, { secrets: [SECRET, ''] })).toThrow(/none may be empty/);
});

test('trap 15: one delivery id with another payload, or as another event, is answered with 409', async () => {
  await send();
  expect((await send({ body: BODY.replace('failure', 'success') })).status).toBe(409);
  expect((await send({ headers: { 'X-GitHub-Event': 'push' } })).status).toBe(409);
  expect(await counted()).toMatchObject([{ event: 'ping', deliveries: 1 }]);
});

test.each(['X-Hub-Signature-256', 'X-GitHub-Delivery', 'X-GitHub-Event'])('without %s a request is answered with 400', async (name) => {
  const answer = await send({ headers: { [name]: undefined } });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(name);
});

test.each([
  ['no GUID', { 'X-GitHub-Delivery': '1' }, 'delivery'],
  ['no event', { 'X-GitHub-Event': 'drop table' }, 'event'],
])('a header that is %s is answered with 400', async (_, headers, member) => {
  const answer = await send({ headers });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(member);
});

test.each([
  ['no JSON', '{"zen":', 'ends too early'],
  ['no object', '[]', 'not a JSON object'],
  ['ambiguous', '{"id":1,"id":2}', 'two members of one name'],
  ['beyond what a number holds', '{"id":9007199254740993}', '$.id'],
  ['an attack on prototypes', '{"__proto__":{}}', '__proto__'],
])('trap 36: a signed body that is %s is answered with 400 and the reason', async (_, body, reason) => {
  const answer = await send({ body });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(reason);
});

test('trap 36: a body that is too large is answered with 413, whether or not it says so beforehand', async () => {
  const body = JSON.stringify({ zen: 'x'.repeat(MAX_BYTES) });
  expect((await send({ body })).status).toBe(413);
  expect((await send({ body, init: { body: new Blob([body]).stream(), duplex: 'half' } })).status).toBe(413);
});

test('what is no POST, or no JSON by its type, is refused', async () => {
  expect((await send({ init: { method: 'PUT' } })).status).toBe(405);
  expect((await send({ headers: { 'Content-Type': 'application/x-www-form-urlencoded' } })).status).toBe(415);
});

test('while the store cannot be written the answer is 503, and the delivery is welcome later', async () => {
  const hasty = createSemel({ name: 'github-webhooks', store: sqlite(join(folder, 'test.db'), { lockTimeoutMs: 20 }) });
  const errors: unknown[] = [];
  const receiver = await listening(createReceiver(hasty, { secrets: [SECRET], onError: (error) => errors.push(error) }));
  expect((await send({ to: receiver, headers: { 'X-GitHub-Delivery': DELIVERY.replace('7', '8') } })).status).toBe(202);

  const other = new DatabaseSync(join(folder, 'test.db'));
  other.exec('begin immediate');
  const busy = await send({ to: receiver });
  expect([busy.status, busy.headers.get('Retry-After')]).toEqual([503, '5']);
  expect(errors).toMatchObject([{ code: 'store-busy' }]);
  other.exec('rollback');
  other.close();

  expect((await send({ to: receiver })).status).toBe(202);
  receiver.close();
  await hasty.close();
  expect(await counted()).toMatchObject([{ deliveries: 2 }]);
});
