import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemRuntime } from '../core/runtime.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Reject } from '../core/throwables.ts';
import { topic } from '../core/topic.ts';
import { VERSION } from '../core/version.ts';
import { createSemel } from '../semel.ts';
import { sqlite, sqliteSchemaSql } from '../stores/sqlite/index.ts';
import { run } from './run.ts';

const THEN_MS = Date.UTC(2026, 0, 15, 12);
const NOW_MS = THEN_MS + 3 * 3_600_000 + 20 * 60_000;
const DAY_MS = 86_400_000;

interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly cents: number;
}

const schema: StandardSchema<Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema, id: (order) => order.orderId, key: (order) => order.customer });

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'semel-cli-'));
  file = join(folder, 'shop.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A shop whose payments refuse what costs nothing; each order is published, and what is due handled. */
async function shop(...given: readonly Order[]): Promise<void> {
  const semel = createSemel({ name: 'shop', store: sqlite(file), runtime: { ...systemRuntime, clock: { now: () => THEN_MS } } });
  const payments = semel.consume(orders, { name: 'payments' }, ({ message }) => {
    if (message.data.cents === 0) throw Object.assign(new Reject({ reason: `order ${message.data.orderId} costs nothing` }), { code: 'NO_PRICE' });
  });
  semel.consume(orders, { name: 'mail' }, () => {});
  await semel.processor(payments);
  for (const order of given) await semel.publish(orders, order);
  const running = await semel.start({ consumers: [payments] });
  await running.idle();
  await running.stop();
}

const good: Order = { orderId: 'A1', customer: 'C1', cents: 100 };
const bad: Order = { orderId: 'A2', customer: 'C2', cents: 0 };
const worse: Order = { orderId: 'A3', customer: 'C3', cents: 0 };

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function semel(line: string, { isTty = false, nowMs = NOW_MS, ...env }: Readonly<Record<string, unknown>> & { isTty?: boolean; nowMs?: number } = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const world = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    env: { SEMEL_STORE: file, ...(env as Record<string, string>) },
    now: () => nowMs,
    isTty,
  };
  const exitCode = await run(line.split(' '), world);
  return { exitCode, stdout, stderr };
}

async function json(line: string): Promise<Record<string, never>> {
  const { stdout, stderr } = await semel(`${line} --json`);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

async function deadIds(): Promise<readonly number[]> {
  const { deadLetters } = (await json('dead list')) as unknown as { deadLetters: readonly { id: number }[] };
  return deadLetters.map(({ id }) => id);
}

test('status shows each subscription, aligned', async () => {
  await shop(good, bad);
  expect(await semel('status')).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `NAME      KIND   TOPIC   READY  IN FLIGHT  RETRYING  HELD  OLDEST  DEAD  PAUSED
payments  local  orders      0          0         0     0       -     1  -
`,
  });
});

test('status has for programs what the store has, and a pause that JSON can carry', async () => {
  await shop(good);
  const store = createSemel({ name: 'shop', store: sqlite(file) });
  await store.pause('payments');
  await store.close();
  expect(await json('status')).toEqual({
    store: `sqlite:${file}`,
    nowMs: NOW_MS,
    subscriptions: [
      {
        name: 'payments',
        kind: 'local',
        topic: 'orders',
        ordered: true,
        joinedAtMs: THEN_MS,
        seenAtMs: THEN_MS,
        backlog: { ready: 0, inFlight: 0, retrying: 0, held: 0 },
        deadLetters: 0,
        paused: true,
      },
    ],
  });
  expect((await semel('status')).stdout).toContain('until resumed');
});

test('dead list pages, and shows no payload', async () => {
  await shop(bad, worse);
  const first = await semel('dead list --limit 1');
  expect(first).toEqual({
    exitCode: 0,
    stdout: `ID  CONSUMER  REASON    TRIES     AGE  KEY  SOURCE       MESSAGE
 1  payments  NO_PRICE      1  3h 20m  C2   shop/orders  A2
`,
    stderr: 'There are more: --after 1\n',
  });
  expect(await json('dead list --after 1')).toEqual({
    store: `sqlite:${file}`,
    deadLetters: [{ id: 2, consumer: 'payments', topic: 'orders', source: 'shop/orders', messageId: 'A3', key: 'C3', reason: 'NO_PRICE', attempts: 1, diedAtMs: THEN_MS }],
  });
});

test('dead show tells everything, the payload only there and only unless asked not to', async () => {
  await shop(bad);
  const shown = await semel('dead show 1');
  expect(shown.stdout.replace(/^ {4}at .*\n/gm, '')).toBe(`dead letter  1
consumer     payments
topic        orders
source       shop/orders
message      A2
key          C2
type         orders
published    2026-01-15T12:00:00.000Z
reason       NO_PRICE
died         2026-01-15T12:00:00.000Z, 3h 20m ago

history
  try 1  2026-01-15T12:00:00.000Z  NO_PRICE: order A2 costs nothing

payload
  {
    "cents": 0,
    "customer": "C2",
    "orderId": "A2"
  }
`);
  expect(shown.stdout).toMatch(/^ {4}at .*run\.test\.ts/m);
  expect((await semel('dead show 1 --no-payload')).stdout).not.toContain('payload');
  expect(JSON.stringify(await json('dead show 1 --no-payload'))).not.toContain('"cents"');
  expect(JSON.stringify(await json('dead show 1'))).toContain('"cents":0');
});

test('what a stranger wrote cannot command the terminal', async () => {
  await shop({ ...bad, orderId: 'A\x1b[2J2', customer: 'C\u202e2' });
  for (const line of ['dead list', 'dead show 1', 'doctor']) {
    const { stdout } = await semel(line);
    expect([stdout.includes('\x1b'), stdout.includes('\u202e')], line).toEqual([false, false]);
  }
});

test('redrive answers per id; one that is not there does not keep the others from it', async () => {
  await shop(bad, worse);
  expect(await semel('dead redrive 1 99 2')).toEqual({ exitCode: 1, stdout: '1  redriven\n99  not there\n2  redriven\n', stderr: '' });
  expect(await deadIds()).toEqual([]);
  expect((await semel('status')).stdout).toMatch(/payments {2}local {2}orders {6}2 /);
});

test('redrive of all wants a yes, and a dry run does nothing', async () => {
  await shop(bad, worse);
  const refused = await semel('dead redrive --consumer payments --all');
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('would redrive 2 dead letters of payments: add --yes')]);
  expect((await semel('dead redrive --consumer payments --all --dry-run')).stdout).toBe('1  would be redriven\n2  would be redriven\n');
  expect(await deadIds()).toEqual([1, 2]);
  expect((await semel('dead redrive --consumer payments --all --reason OTHER --yes')).stdout).toBe('No dead letters.\n');
  expect(await json('dead redrive --consumer payments --all --reason NO_PRICE --yes')).toMatchObject({
    dryRun: false,
    results: [
      { id: 1, result: 'redriven' },
      { id: 2, result: 'redriven' },
    ],
  });
  expect(await deadIds()).toEqual([]);
});

test('a rate spreads a redrive out', async () => {
  await shop(bad, worse);
  const begun = performance.now();
  await semel('dead redrive 1 2 --rate 10/s');
  expect(performance.now() - begun).toBeGreaterThan(95);
});

test('what dies again while all are redriven is not redriven again', async () => {
  await shop(bad, worse);
  await semel('dead redrive --consumer payments --all --yes', { nowMs: THEN_MS });
  await shop();
  expect(await deadIds()).toEqual([3, 4]);
});

test('what cannot be redriven is told, with its code', async () => {
  await shop(bad);
  const database = new DatabaseSync(file);
  database.exec("update semel_dead_letters set data = null, bytes = x'7b1bff'");
  database.close();
  expect(await semel('dead redrive 1')).toEqual({ exitCode: 1, stderr: '', stdout: expect.stringMatching(/^1 {2}failed: .*cannot be decoded \[not-redrivable\]\n$/) });
  expect((await semel('dead show 1')).stdout).toContain('payload (not decoded, 3 B, base64)\n  exv/\n');
});

test('discard forgets', async () => {
  await shop(bad, worse);
  expect(await semel('dead discard 2')).toEqual({ exitCode: 0, stdout: '2  discarded\n', stderr: '' });
  expect(await deadIds()).toEqual([1]);
});

test.each([
  'dead redrive',
  'dead redrive --all',
  'dead redrive --consumer payments',
  'dead redrive 1 --all --consumer payments',
  'dead redrive 1 --reason NO_PRICE',
  'dead discard x',
  'dead show',
  'dead list --limit 0',
  'prune',
  'prune --inbox 30',
  'doctor --fail-on ok',
  'doctor --max-age soon',
  'statsu',
  'status --colour',
  'status too many',
  'dead nonsense',
])('wrong usage: %s', async (line) => {
  await shop(bad);
  const { exitCode, stdout, stderr } = await semel(line);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(/^semel: |^Usage: /);
  expect(await deadIds()).toEqual([1]);
});

test('a slip gets a suggestion', async () => {
  expect((await semel('statsu')).stderr).toContain('(Did you mean status?)');
  expect((await semel('status --jsno')).stderr).toContain('(Did you mean --json?)');
});

test('an unknown consumer or dead letter is told, not taken for an empty list', async () => {
  await shop(bad);
  for (const line of ['dead list --consumer payment', 'dead redrive --consumer payment --all --yes']) {
    expect(await semel(line), line).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-consumer]') });
  }
  expect(await semel('dead show 9')).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('[unknown-dead-letter]') });
});

test('prune removes what was named, and nothing else', async () => {
  await shop(good, bad);
  const later = { nowMs: NOW_MS + 10 * DAY_MS };
  expect((await semel('prune --messages 7d', later)).stdout).toBe('REMOVED       ROWS\ninbox            0\nmessages         2\ndead letters     0\n');
  expect((await semel('prune --inbox 7d --dead-letters 7d', later)).stdout).toBe('REMOVED       ROWS\ninbox            2\nmessages         0\ndead letters     1\n');
});

test.each(['status', 'dead list', 'dead show 1', 'dead redrive 1', 'dead discard 1', 'prune --inbox 1d', 'doctor'])('%s makes no store where there is none', async (line) => {
  expect(await semel(line)).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(/^semel: there is no file .*shop\.db \[store-missing\]\n.*semel migrate/) });
  expect(existsSync(file)).toBe(false);
});

test.each(['status', 'dead list', 'prune --inbox 1d'])("%s leaves a stranger's database as it is", async (line) => {
  const database = new DatabaseSync(file);
  database.exec('create table notes (text)');
  database.close();
  const before = readFileSync(file);
  expect(await semel(line)).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[schema-missing]') });
  expect(readFileSync(file).equals(before)).toBe(true);
});

test('migrate prints, checks, applies, and is done then', async () => {
  expect(await semel('migrate --print', { SEMEL_STORE: '' })).toEqual({ exitCode: 0, stdout: sqliteSchemaSql(), stderr: '' });
  expect(await semel('migrate --check')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^pending {2}step 1 \(/) });
  expect(existsSync(file)).toBe(false);
  expect(await semel('migrate')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^applied {2}step 1 \(/) });
  expect(await semel('migrate')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^up to date, step \d+\n$/) });
  expect(await json('migrate --check')).toEqual({ store: `sqlite:${file}`, applied: [], pending: [] });
});

test('migrate refuses a schema that was altered', async () => {
  await shop();
  const database = new DatabaseSync(file);
  database.exec("update semel_schema set checksum = 'other'");
  database.close();
  for (const line of ['migrate', 'migrate --check']) expect(await semel(line), line).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('[schema-changed]') });
});

test('doctor finds nothing wrong with a store in order', async () => {
  await shop(good);
  const { exitCode, stdout } = await semel('doctor');
  expect(stdout).not.toMatch(/^(warn|fail)/m);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`ok    version           Semel ${VERSION} can use it\n`);
});

test('doctor says what it found and what mends it, and the exit code tells from the level asked for', async () => {
  await shop(bad);
  const found = await semel('doctor');
  expect(found.exitCode).toBe(1);
  expect(found.stdout).toContain('warn  dead-letters      payments: 1\n                        → `semel dead list --consumer payments` says why;');
  expect((await semel('doctor --fail-on fail')).exitCode).toBe(0);
  expect(await json('doctor')).toMatchObject({
    store: `sqlite:${file}`,
    level: 'warn',
    findings: expect.arrayContaining([expect.objectContaining({ check: 'dead-letters', level: 'warn' })]),
  });
});

test('doctor reports a schema that was altered, and what is no database at all', async () => {
  await shop();
  const database = new DatabaseSync(file);
  database.exec("update semel_schema set checksum = 'other'");
  database.close();
  expect(await semel('doctor --fail-on fail')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^fail {2}version /m) });
  writeFileSync(file, 'no database, but longer than the header of one would be: '.repeat(20));
  expect(await semel('doctor')).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^fail {2}integrity {2}.*is not an SQLite database\n/) });
});

test('colours are for terminals whose user wants them', async () => {
  await shop(good);
  const coloured = async (options: Parameters<typeof semel>[1]) => (await semel('doctor', options)).stdout.includes('\x1b[32mok');
  expect(await coloured({ isTty: true })).toBe(true);
  expect(await coloured({ isTty: false })).toBe(false);
  expect(await coloured({ isTty: true, NO_COLOR: '1' })).toBe(false);
  expect(await coloured({ isTty: true, TERM: 'dumb' })).toBe(false);
});

test('help and version are no errors, and nothing asked for is one', async () => {
  expect(await semel('--version')).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(await semel('dead redrive --help')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/--dry-run.*--store/s), stderr: '' });
  expect(await semel('dead')).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('redrive') });
});

test('an error shows its stack only with --debug', async () => {
  expect((await semel('status')).stderr).not.toContain('    at ');
  expect((await semel('status --debug')).stderr).toContain('    at ');
});
